#include "evolution/phrases.hpp"

namespace evoke::evolution {

namespace {

constexpr std::size_t longest_phrase = 6;
constexpr std::size_t usual_phrase = 4;
constexpr std::string_view white_space = " \t\r\n\v\f";

struct Word {
    std::string text;
    bool ends_line = false;
};

std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    while (true) {
        const auto first = text.find_first_not_of(white_space);
        if (first == std::string_view::npos) return words;
        if (!words.empty())
            words.back().ends_line = text.substr(0, first).find('\n') != std::string_view::npos;
        text.remove_prefix(first);
        const auto end = std::min(text.find_first_of(white_space), text.size());
        words.push_back({.text = std::string{text.substr(0, end)}});
        text.remove_prefix(end);
    }
}

bool ends_phrase(const Word& word) {
    return word.ends_line ||
           std::string_view{".,;:!?"}.find(word.text.back()) != std::string_view::npos;
}

/// Cuts one run of words into parts of nearly equal length.
void cut(std::span<const std::string> run, std::vector<std::string>& phrases) {
    const std::size_t parts =
        run.size() <= longest_phrase ? 1 : (run.size() + usual_phrase - 1) / usual_phrase;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t begin = run.size() * part / parts;
        const std::size_t end = run.size() * (part + 1) / parts;
        phrases.push_back(join_words(run.subspan(begin, end - begin)));
    }
}

}  // namespace

std::vector<std::string> split_phrases(std::string_view text) {
    std::vector<std::string> phrases;
    std::vector<std::string> run;
    for (const Word& word : words_of(text)) {
        run.push_back(word.text);
        if (!ends_phrase(word)) continue;
        cut(run, phrases);
        run.clear();
    }
    if (!run.empty()) cut(run, phrases);
    return phrases;
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    for (Word& word : words_of(text)) words.push_back(std::move(word.text));
    return words;
}

std::vector<std::string> split_parts(std::string_view text) {
    auto phrases = split_phrases(text);
    return phrases.size() < 2 ? split_words(text) : phrases;
}

std::string join_words(std::span<const std::string> parts) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty() && !part.empty()) text += ' ';
        text += part;
    }
    return text;
}

}  // namespace evoke::evolution

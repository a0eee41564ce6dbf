#include "text/decoder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "text/byte_level.hpp"
#include "text/splitting.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

using Tokens = std::vector<std::string>;

void replace_in(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

std::string join(const Tokens& tokens) {
    std::string text;
    for (const std::string& token : tokens) text += token;
    return text;
}

Tokens decode_byte_level(const Tokens& tokens) {
    std::string bytes;
    for (const std::string& token : tokens) {
        // An added token may hold characters that stand for no byte: it is text as it is.
        bytes += bytes_from_spelling(token).value_or(token);
    }
    return {lossy_utf8(bytes)};
}

std::optional<char> byte_of(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
    if (error != std::errc{} || end != token.data() + 5) return std::nullopt;
    return static_cast<char>(static_cast<std::uint8_t>(value));
}

/// Runs of <0x…> tokens become their text; one U+FFFD a byte where they are none.
Tokens decode_byte_fallback(const Tokens& tokens) {
    Tokens result;
    std::string bytes;
    const auto flush = [&] {
        if (bytes.empty()) return;
        if (is_valid_utf8(bytes)) {
            result.push_back(bytes);
        } else {
            result.insert(result.end(), bytes.size(), "\uFFFD");
        }
        bytes.clear();
    };
    for (const std::string& token : tokens) {
        if (const auto byte = byte_of(token)) {
            bytes += *byte;
            continue;
        }
        flush();
        result.push_back(token);
    }
    flush();
    return result;
}

void clean_up(std::string& text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> rules{{
        {" .", "."},
        {" ?", "?"},
        {" !", "!"},
        {" ,", ","},
        {" ' ", "'"},
        {" n't", "n't"},
        {" 'm", "'m"},
        {" do not", " don't"},
        {" 's", "'s"},
        {" 've", "'ve"},
        {" 're", "'re"},
    }};
    for (const auto& [from, to] : rules) replace_in(text, from, to);
}

Decoder::Step make_word_piece(const JsonPart& part) {
    part.allow_only({"type", "prefix", "cleanup"});
    return [prefix = part.text_or("prefix", "##"),
            cleanup = part.boolean_or("cleanup", true)](Tokens tokens) {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            std::string& token = tokens[i];
            if (i > 0 && token.starts_with(prefix)) {
                token.erase(0, prefix.size());
            } else if (i > 0) {
                token.insert(0, 1, ' ');
            }
            if (cleanup) clean_up(token);
        }
        return tokens;
    };
}

Decoder::Step make_metaspace(const JsonPart& part) {
    part.allow_only(
        {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"});
    if (part.text("replacement").empty()) part.at("replacement").expected("one character");
    const bool prefix = part.boolean_or("add_prefix_space", true);
    const bool prepended = part.text_or("prepend_scheme", prefix ? "always" : "never") != "never";
    return [sign = part.text("replacement"), prepended](Tokens tokens) {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            replace_in(tokens[i], sign, i == 0 && prepended ? "" : " ");
        }
        return tokens;
    };
}

Decoder::Step make_replace(const JsonPart& part) {
    part.allow_only({"type", "pattern", "content"});
    return [regex = read_pattern(part.at("pattern")),
            content = part.text("content")](const Tokens& tokens) {
        Tokens result;
        for (const std::string& token : tokens) {
            result.push_back(replace_matches(regex, token, content));
        }
        return result;
    };
}

/// Takes at most so many of one character from either end of each token.
Decoder::Step make_strip(const JsonPart& part) {
    part.allow_only({"type", "content", "start", "stop"});
    const auto start = static_cast<std::size_t>(part.at("start").index(1 << 20));
    const auto stop = static_cast<std::size_t>(part.at("stop").index(1 << 20));
    return [sign = part.text("content"), start, stop](Tokens tokens) {
        for (std::string& token : tokens) {
            std::string_view rest = token;
            for (std::size_t i = 0; i < start && rest.starts_with(sign); ++i) {
                rest.remove_prefix(sign.size());
            }
            for (std::size_t i = 0; i < stop && rest.ends_with(sign); ++i) {
                rest.remove_suffix(sign.size());
            }
            token = std::string{rest};
        }
        return tokens;
    };
}

Decoder::Step make_bpe(const JsonPart& part) {
    part.allow_only({"type", "suffix"});
    const std::string end_of_word = part.text_or("suffix", "</w>");
    if (end_of_word.empty()) part.fail("an empty suffix is not supported");
    return [suffix = end_of_word](Tokens tokens) {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            replace_in(tokens[i], suffix, i + 1 == tokens.size() ? "" : " ");
        }
        return tokens;
    };
}

}  // namespace

Decoder::Decoder(const JsonPart& part) : steps_{std::in_place} {
    add(part);
}

void Decoder::add(const JsonPart& part) {
    const std::string type = part.text("type");
    if (type == "Sequence") {
        part.allow_only({"type", "decoders"});
        for (const JsonPart& item : part.at("decoders").items()) add(item);
    } else if (type == "ByteLevel") {
        part.allow_only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
        steps_->emplace_back(decode_byte_level);
    } else if (type == "ByteFallback") {
        part.allow_only({"type"});
        steps_->emplace_back(decode_byte_fallback);
    } else if (type == "Fuse") {
        part.allow_only({"type"});
        steps_->emplace_back([](const Tokens& tokens) { return Tokens{join(tokens)}; });
    } else if (type == "Metaspace") {
        steps_->push_back(make_metaspace(part));
    } else if (type == "WordPiece") {
        steps_->push_back(make_word_piece(part));
    } else if (type == "Replace") {
        steps_->push_back(make_replace(part));
    } else if (type == "Strip") {
        steps_->push_back(make_strip(part));
    } else if (type == "BPEDecoder") {
        steps_->push_back(make_bpe(part));
    } else {
        part.fail("the decoder '" + type + "' is not supported");
    }
}

std::string Decoder::apply(std::vector<std::string> tokens) const {
    if (!steps_) {
        std::string text;
        for (std::size_t i = 0; i < tokens.size(); ++i) text += (i == 0 ? "" : " ") + tokens[i];
        return text;
    }
    for (const Step& step : *steps_) tokens = step(std::move(tokens));
    return join(tokens);
}

}  // namespace evoke::text

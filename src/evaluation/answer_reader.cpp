#include "evaluation/answer_reader.hpp"

#include <algorithm>

#include "evaluation/utf8.hpp"
#include "evoke/evaluation/evaluator.hpp"

namespace evoke::evaluation {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The digits of a whole number, grouping commas removed ("1,800" but not "18,00"); cut from
/// `text`. nullopt: there are none, or commas stand where no thousand ends.
std::optional<std::string> take_digits(std::string_view& text) {
    std::string digits;
    std::vector<std::size_t> groups{0};
    while (!text.empty() && (is_digit(text[0]) || text[0] == ',')) {
        if (text[0] == ',') {
            groups.push_back(0);
        } else {
            digits += text[0];
            ++groups.back();
        }
        text.remove_prefix(1);
    }
    const bool grouped = groups.size() > 1;
    const bool well_grouped =
        groups[0] >= 1 && groups[0] <= 3 &&
        std::all_of(groups.begin() + 1, groups.end(), [](std::size_t size) { return size == 3; });
    if (grouped && !well_grouped) return std::nullopt;
    return digits;
}

/// A decimal number in one spelling: "-1800.5" for " -$1,800.50. ". nullopt: no number.
/// Decimal digits are compared, never their rounding to binary.
std::optional<std::string> canonical_number(std::string_view text) {
    text = trimmed(text);
    bool negative = false;
    const auto take_sign = [&] {
        if (text.empty() || (text[0] != '-' && text[0] != '+')) return;
        negative = text[0] == '-';
        text.remove_prefix(1);
    };
    take_sign();
    if (text.starts_with('$')) {
        text.remove_prefix(1);
        if (!negative) take_sign();
    }
    std::optional<std::string> digits = take_digits(text);
    if (!digits) return std::nullopt;
    std::string fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        while (!text.empty() && is_digit(text[0])) {
            fraction += text[0];
            text.remove_prefix(1);
        }
    }
    if (!text.empty() || (digits->empty() && fraction.empty())) return std::nullopt;
    digits->erase(0, digits->find_first_not_of('0'));
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (digits->empty()) *digits = "0";
    const std::string number = fraction.empty() ? *digits : *digits + "." + fraction;
    return negative && number != "0" ? "-" + number : number;
}

/// Whether no word runs across the place between the two texts.
bool is_boundary(std::string_view before, std::string_view after) {
    const CodePoint left = last_code_point(before);
    const CodePoint right = first_code_point(after);
    return left.size == 0 || right.size == 0 || !is_word(left.value) || !is_word(right.value);
}

/// Where `label` first stands in `text` as a whole word.
std::size_t find_word(std::string_view text, std::string_view label) {
    std::size_t at = text.find(label);
    while (at != std::string_view::npos) {
        const std::size_t end = at + label.size();
        if (is_boundary(text.substr(0, at), text.substr(at)) &&
            is_boundary(text.substr(0, end), text.substr(end))) {
            return at;
        }
        at = text.find(label, at + 1);
    }
    return at;
}

}  // namespace

AnswerReader::AnswerReader(const TaskOptions& options) : labels_{options.labels} {
    for (const std::string& label : labels_) lower_labels_.push_back(lower_case(trimmed(label)));
    if (!options.extract.empty()) expression_.emplace(options.extract, std::regex::ECMAScript);
}

std::optional<std::string> AnswerReader::last_match(std::string_view text) const {
    if (text.size() > searched_bytes) text.remove_prefix(text.size() - searched_bytes);
    std::optional<std::string> found;
    try {
        const std::cregex_iterator begin{text.data(), text.data() + text.size(), *expression_};
        for (std::cregex_iterator match = begin; match != std::cregex_iterator{}; ++match) {
            const auto group = std::find_if(std::next(match->begin()), match->end(),
                                            [](const auto& part) { return part.matched; });
            found = group == match->end() ? match->str() : group->str();
        }
    } catch (const std::regex_error&) {
        // Too complex for this text: nothing could be read from it.
        return std::nullopt;
    }
    if (found) found = std::string{trimmed(*found)};
    return found && !found->empty() ? found : std::nullopt;
}

std::optional<std::string> AnswerReader::first_label(std::string_view text) const {
    const std::string lower = lower_case(text);
    std::size_t best = labels_.size();
    std::size_t best_at = std::string::npos;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
        const std::size_t at = find_word(lower, lower_labels_[i]);
        if (at == std::string::npos) continue;
        const bool longer = best < labels_.size() && at == best_at &&
                            lower_labels_[i].size() > lower_labels_[best].size();
        if (at < best_at || longer) {
            best = i;
            best_at = at;
        }
    }
    return best < labels_.size() ? std::optional{labels_[best]} : std::nullopt;
}

std::optional<std::string> AnswerReader::read(std::string_view generated) const {
    std::string text{trimmed(generated)};
    if (expression_) {
        auto match = last_match(generated);
        if (!match) return std::nullopt;
        text = std::move(*match);
    }
    if (!labels_.empty()) return first_label(text);
    return text.empty() ? std::nullopt : std::optional{text};
}

bool AnswerReader::right(const std::string& answer, const Example& example) const {
    if (!labels_.empty()) return answer == example.output;
    const auto expected = expression_ ? last_match(example.output) : std::nullopt;
    return same_answer(answer, expected.value_or(example.output));
}

std::optional<std::string> extract_answer(const TaskOptions& options, std::string_view generated) {
    return AnswerReader{options}.read(generated);
}

bool same_answer(std::string_view a, std::string_view b) {
    if (trimmed(a) == trimmed(b)) return true;
    const auto number = canonical_number(a);
    return number && number == canonical_number(b);
}

}  // namespace evoke::evaluation

#include "app/json_lines.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>

#include "evoke/core/format.hpp"

namespace evoke::app {

namespace {

struct Pending {
    std::vector<Json> requests;
    /// Per input line: an index into requests, or the answer to a bad line.
    struct Slot {
        std::optional<std::size_t> request;
        Json answer;
    };
    std::vector<Slot> slots;
};

class Lines {
public:
    Lines(const LineStreams& streams, const CheckLine& check, const AnswerBatch& answer)
        : streams_{streams}, check_{check}, answer_{answer} {
        if (streams.input != "-") {
            file_in_.open(streams.input);
            if (!file_in_) throw LoadError{streams.input, "cannot be read"};
        }
        if (streams.output != "-") {
            file_out_.open(streams.output);
            if (!file_out_) throw EnvironmentError{streams.output + ": cannot be written"};
        }
    }

    ExitCode run() {
        std::istream& in = streams_.input == "-" ? std::cin : file_in_;
        std::size_t number = 0;
        for (std::string line; std::getline(in, line);) {
            ++number;
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            take(line, number);
            if (pending_.requests.size() >= static_cast<std::size_t>(streams_.batch)) flush();
        }
        flush();
        return bad_ ? ExitCode::bad_input : ExitCode::done;
    }

private:
    void take(const std::string& line, std::size_t number) {
        Json request = Json::parse(line, nullptr, false);
        try {
            if (!request.is_object()) throw BadLine{"expected a JSON object"};
            check_(request);
            pending_.slots.push_back({pending_.requests.size(), {}});
            pending_.requests.push_back(std::move(request));
        } catch (const BadLine& mistake) {
            bad_ = true;
            std::fputs(format("evoke: {}:{}: {}\n", streams_.input, number, mistake.what()).c_str(),
                       stderr);
            Json answer = request.is_object() ? answer_to(request) : Json::object();
            answer["error"] = format("line {}: {}", number, mistake.what());
            pending_.slots.push_back({std::nullopt, std::move(answer)});
        }
    }

    void flush() {
        const auto answers =
            pending_.requests.empty() ? std::vector<Json>{} : answer_(pending_.requests);
        std::ostream& out = streams_.output == "-" ? std::cout : file_out_;
        for (const auto& slot : pending_.slots) {
            const Json& answer = slot.request ? answers.at(*slot.request) : slot.answer;
            // Answers may hold bytes that are no UTF-8 (a model's half character).
            out << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
        }
        out.flush();
        if (!out) throw EnvironmentError{streams_.output + ": cannot be written"};
        pending_ = {};
    }

    const LineStreams& streams_;
    const CheckLine& check_;
    const AnswerBatch& answer_;
    std::ifstream file_in_;
    std::ofstream file_out_;
    Pending pending_;
    bool bad_ = false;
};

[[noreturn]] void wrong_type(const char* name, std::string_view expected, const Json& found) {
    throw BadLine{format("\"{}\": expected {}, found {}", name, expected, found.dump())};
}

const Json* field(const Json& line, const char* name) {
    const auto found = line.find(name);
    return found == line.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

ExitCode answer_lines(const LineStreams& streams, const CheckLine& check,
                      const AnswerBatch& answer) {
    return Lines{streams, check, answer}.run();
}

std::optional<std::string> text_field(const Json& line, const char* name) {
    const Json* value = field(line, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) wrong_type(name, "a text", *value);
    return value->get<std::string>();
}

std::string required_text(const Json& line, const char* name) {
    auto value = text_field(line, name);
    if (!value) throw BadLine{format("\"{}\": expected a text, found nothing", name)};
    return std::move(*value);
}

double number_field(const Json& line, const char* name, double fallback) {
    const Json* value = field(line, name);
    if (value == nullptr) return fallback;
    if (!value->is_number()) wrong_type(name, "a number", *value);
    return value->get<double>();
}

bool flag_field(const Json& line, const char* name, bool fallback) {
    const Json* value = field(line, name);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) wrong_type(name, "true or false", *value);
    return value->get<bool>();
}

std::optional<std::vector<TokenId>> ids_field(const Json& line, const char* name,
                                              std::size_t vocabulary) {
    const Json* value = field(line, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_array()) wrong_type(name, "a list of token ids", *value);
    std::vector<TokenId> ids;
    for (const Json& item : *value) {
        const bool known = item.is_number_unsigned() && item.get<std::uint64_t>() < vocabulary;
        if (!known) wrong_type(name, format("token ids below {}", vocabulary), item);
        ids.push_back(item.get<TokenId>());
    }
    return ids;
}

std::vector<std::string> texts_field(const Json& line, const char* name) {
    const Json* value = field(line, name);
    std::vector<std::string> texts;
    if (value == nullptr) return texts;
    if (!value->is_array()) wrong_type(name, "a list of texts", *value);
    for (const Json& item : *value) {
        if (!item.is_string()) wrong_type(name, "a list of texts", item);
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

void allow_only(const Json& line, std::span<const std::string_view> known) {
    for (const auto& [name, value] : line.items()) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto nearest = nearest_name(name, known);
        throw BadLine{format("unknown field \"{}\"{}", name,
                             nearest ? format(" (did you mean \"{}\"?)", *nearest)
                                     : format(" (known: {})", join(known, ", ")))};
    }
}

Json answer_to(const Json& line) {
    const auto id = line.find("id");
    return id == line.end() ? Json::object() : Json{{"id", *id}};
}

}  // namespace evoke::app

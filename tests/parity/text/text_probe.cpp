// Answers questions about a checkpoint's text side, one JSON line each: the parity tests hold the
// answers against the reference libraries. Usage: text_probe FOLDER < requests > answers.
//   {"text", "add_special_tokens"}              -> {"ids"}
//   {"ids", "skip_special_tokens"}              -> {"text"}
//   {"messages", "add_generation_prompt"}       -> {"text"} or {"refused"}

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "evoke/core/error.hpp"
#include "evoke/text/tokenizer.hpp"

namespace {

using nlohmann::json;

json answer(const evoke::text::Tokenizer& tokenizer, const json& request) {
    if (request.contains("text")) {
        return {{"ids", tokenizer.encode(request["text"].get<std::string>(),
                                         request.value("add_special_tokens", false))}};
    }
    const auto ids = request.at("ids").get<std::vector<evoke::TokenId>>();
    return {{"text", tokenizer.decode(ids, request.value("skip_special_tokens", false))}};
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    std::ios::sync_with_stdio(false);
    try {
        const auto tokenizer = evoke::text::load_tokenizer(arguments[1]);
        for (std::string line; std::getline(std::cin, line);) {
            std::cout << answer(*tokenizer, json::parse(line)).dump() << '\n';
        }
    } catch (const evoke::Error& error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.code());
    }
}

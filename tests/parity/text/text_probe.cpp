// Answers questions about text, a JSON line each: the parity tests hold the answers against the
// reference libraries. Usage: text_probe [FOLDER] < requests > answers
//
// Of the tokenizer in FOLDER:
//   {"text", "add_special_tokens"}             -> {"ids"}
//   {"ids", "skip_special_tokens"}             -> {"text"}
// Of the chat template in FOLDER, or of one in the request:
//   {"messages", "add_generation_prompt"[, "template", "bos", "eos"]} -> {"text"} or {"refused"}
// Of one part of a tokenizer.json, given in the request:
//   {"normalizer": {…}, "texts": […]}          -> {"texts"}
//   {"pre_tokenizer": {…}, "texts": […]}       -> {"pieces": [[…], …]}
//   {"decoder": {…}, "tokens": […]}            -> {"text"}

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "evoke/core/error.hpp"
#include "evoke/text/chat_template.hpp"
#include "evoke/text/tokenizer.hpp"
#include "text/byte_level.hpp"
#include "text/decoder.hpp"
#include "text/normalizer.hpp"
#include "text/pre_tokenizer.hpp"

namespace {

using nlohmann::json;
using namespace evoke::text;

/// What FOLDER holds.
struct Asked {
    std::unique_ptr<Tokenizer> tokenizer;
    std::optional<ChatTemplate> chat;
};

json split(const PreTokenizer& pre_tokenizer, const std::string& text) {
    json pieces = json::array();
    const Pieces found = pre_tokenizer.split({text, true});
    for (const Piece& piece : found.list) {
        const bool bytes = pre_tokenizer.pieces_are_bytes();
        pieces.push_back(bytes ? spell_bytes(piece.text) : std::string{piece.text});
    }
    return pieces;
}

json answer_of_part(const json& request) {
    const std::filesystem::path nowhere{"request"};
    const JsonPart root{request, nowhere};
    if (const auto part = root.find("normalizer")) {
        const auto normalizer = make_normalizer(*part);
        json texts = json::array();
        for (const auto& text : request.at("texts")) {
            texts.push_back(normalizer->apply(text.get<std::string>()));
        }
        return {{"texts", texts}};
    }
    if (const auto part = root.find("pre_tokenizer")) {
        const PreTokenizer pre_tokenizer{*part};
        json pieces = json::array();
        for (const auto& text : request.at("texts")) {
            pieces.push_back(split(pre_tokenizer, text.get<std::string>()));
        }
        return {{"pieces", pieces}};
    }
    const Decoder decoder{root.at("decoder")};
    return {{"text", decoder.apply(request.at("tokens").get<std::vector<std::string>>())}};
}

std::vector<Message> messages_of(const json& request) {
    std::vector<Message> messages;
    for (const json& message : request.at("messages")) {
        messages.push_back(
            {message.at("role").get<std::string>(), message.at("content").get<std::string>()});
    }
    return messages;
}

json chat_answer(const Asked& asked, const json& request) {
    const bool prompt = request.value("add_generation_prompt", false);
    const std::vector<Message> messages = messages_of(request);
    if (!request.contains("template")) return {{"text", asked.chat->render(messages, prompt)}};
    const TemplateTokens tokens{request.value("bos", ""), request.value("eos", "")};
    const ChatTemplate chat{request["template"].get<std::string>(), tokens};
    return {{"text", chat.render(messages, prompt)}};
}

json answer(const Asked& asked, const json& request) {
    if (request.contains("messages")) return chat_answer(asked, request);
    const Tokenizer* tokenizer = asked.tokenizer.get();
    if (request.contains("text")) {
        return {{"ids", tokenizer->encode(request["text"].get<std::string>(),
                                          request.value("add_special_tokens", false))}};
    }
    if (request.contains("ids")) {
        const auto ids = request["ids"].get<std::vector<evoke::TokenId>>();
        return {{"text", tokenizer->decode(ids, request.value("skip_special_tokens", false))}};
    }
    return answer_of_part(request);
}

}  // namespace

int main(int count, char** arguments) {
    std::ios::sync_with_stdio(false);
    try {
        Asked asked;
        if (count > 1) {
            asked.tokenizer = load_tokenizer(arguments[1]);
            asked.chat = load_chat_template(arguments[1]);
        }
        for (std::string line; std::getline(std::cin, line);) {
            json result;
            try {
                result = answer(asked, json::parse(line));
            } catch (const evoke::Error& error) {
                result = {{"refused", error.what()}};
            }
            std::cout << result.dump() << '\n';
        }
    } catch (const evoke::Error& error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.code());
    }
}

#include "evoke/text/chat_template.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "text/checkpoint_settings.hpp"
#include "text/jinja/globals.hpp"
#include "text/jinja/parser.hpp"
#include "text/jinja/syntax_error.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

namespace fs = std::filesystem;

/// Templates may ask for the date, and a score must not depend on the day: for them it is always
/// this one, which Llama's templates fall back to themselves.
constexpr std::chrono::year_month_day rendering_date{std::chrono::year{2024}, std::chrono::July,
                                                     std::chrono::day{26}};

jinja::Value to_value(std::span<const Message> messages) {
    jinja::List list;
    for (const Message& message : messages) {
        jinja::Dict dict;
        dict.set("role", message.role);
        dict.set("content", message.content);
        list.items.emplace_back(std::move(dict));
    }
    return list;
}

jinja::Block parse_or_refuse(std::string_view source, const fs::path& origin) {
    if (!is_valid_utf8(source)) throw LoadError{origin, "the chat template is not UTF-8"};
    try {
        return jinja::parse(source);
    } catch (const jinja::SyntaxError& error) {
        throw LoadError{origin, std::string{"chat template, "} + error.what()};
    } catch (const jinja::RenderError& error) {
        throw LoadError{origin, std::string{"chat template: "} + error.what()};
    }
}

/// A template's own words and names may hold anything; a message stays one line that a terminal
/// shows.
InputError refusal(std::string message) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    std::ranges::replace_if(message, is_control, ' ');
    return InputError{message};
}

}  // namespace

struct ChatTemplate::Program {
    jinja::Block block;
    TemplateTokens tokens;
};

ChatTemplate::ChatTemplate(std::string_view source, TemplateTokens tokens, const fs::path& origin)
    : program_{std::make_unique<const Program>(
          Program{parse_or_refuse(source, origin), std::move(tokens)})} {}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

std::string ChatTemplate::render(std::span<const Message> messages,
                                 bool add_generation_prompt) const {
    const jinja::Effort effort;
    const auto scope = jinja::Scope::make();
    jinja::Output output;
    try {
        jinja::add_globals(*scope, rendering_date);
        if (!program_->tokens.bos.empty()) scope->set("bos_token", program_->tokens.bos);
        if (!program_->tokens.eos.empty()) scope->set("eos_token", program_->tokens.eos);
        scope->set("messages", to_value(messages));
        scope->set("tools", jinja::None{});
        scope->set("documents", jinja::None{});
        scope->set("add_generation_prompt", add_generation_prompt);
        program_->block.run(*scope, output);
    } catch (const jinja::Refusal& error) {
        throw refusal(std::string{"the chat template refuses these messages: "} + error.what());
    } catch (const jinja::LocatedError& error) {
        throw refusal(std::string{"the chat template cannot render these messages: "} +
                      error.what());
    } catch (const jinja::RenderError& error) {
        throw refusal(std::string{"the chat template cannot render these messages: "} +
                      error.what());
    }
    return std::move(output.text);
}

namespace {

struct Source {
    std::string text;
    fs::path file;
};

/// "chat_template" is a string, or a list of named ones of which "default" is meant.
std::optional<std::string> template_in(const JsonPart& config) {
    const auto part = config.find("chat_template");
    if (!part) return std::nullopt;
    if (part->value().is_string()) return part->text();
    for (const JsonPart& named : part->items()) {
        if (named.text("name") == "default") return named.text("template");
    }
    part->fail("none of the named templates is called 'default'");
}

std::optional<Source> find_source(const fs::path& folder) {
    const fs::path alone = folder / "chat_template.jinja";
    if (fs::exists(alone)) return Source{read_text_file(alone), alone};
    const fs::path config = folder / "tokenizer_config.json";
    if (!fs::exists(config)) return std::nullopt;
    const nlohmann::json content = read_json(config);
    const auto text = template_in(JsonPart{content, config});
    return text ? std::optional{Source{*text, config}} : std::nullopt;
}

}  // namespace

std::optional<ChatTemplate> load_chat_template(const fs::path& folder) {
    if (!fs::is_directory(folder)) throw LoadError{folder, "no such folder"};
    const auto source = find_source(folder);
    if (!source) return std::nullopt;
    TemplateTokens tokens{named_spelling(folder, "bos_token").spelling.value_or(""),
                          named_spelling(folder, "eos_token").spelling.value_or("")};
    return ChatTemplate{source->text, std::move(tokens), source->file};
}

}  // namespace evoke::text

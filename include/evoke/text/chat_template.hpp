#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace evoke::text {

struct Message {
    std::string role;  ///< system, user or assistant
    std::string content;
};

/// What a template may read besides the messages. Empty: undefined in the template.
struct TemplateTokens {
    std::string bos;
    std::string eos;
};

/// A checkpoint's chat template: the Jinja subset that such templates use, rendered with
/// trim_blocks and lstrip_blocks as transformers does. To templates that ask for the date it is
/// always 26 July 2024: what is measured must not depend on the day. `tools` and `documents` are
/// none. Immutable; threads may share one.
class ChatTemplate {
public:
    /// Throws LoadError naming the line and the construct that cannot be rendered.
    /// `origin` is the file named in the message.
    explicit ChatTemplate(std::string_view source, TemplateTokens tokens = {},
                          const std::filesystem::path& origin = "template");
    ~ChatTemplate();
    ChatTemplate(ChatTemplate&&) noexcept;
    ChatTemplate& operator=(ChatTemplate&&) noexcept;

    /// Throws InputError when the template refuses these messages (raise_exception), or computes
    /// with what they do not have.
    [[nodiscard]] std::string render(std::span<const Message> messages,
                                     bool add_generation_prompt) const;

private:
    struct Program;
    std::unique_ptr<const Program> program_;
};

/// The template of a checkpoint folder (chat_template.jinja or tokenizer_config.json); nullopt when
/// it has none. Throws LoadError as the constructor.
[[nodiscard]] std::optional<ChatTemplate> load_chat_template(const std::filesystem::path& folder);

}  // namespace evoke::text

// The source of a chat template: what is accepted renders, or refuses the messages.

#include <array>

#include "evoke/text/chat_template.hpp"
#include "target.hpp"
#include "text/utf8.hpp"

namespace {

using namespace evoke;

void use(std::string_view source) {
    const text::ChatTemplate chat{source, {"<s>", "</s>"}, "template"};
    const std::array<text::Message, 3> messages{{{"system", "Be brief."},
                                                 {"user", " What is 2+2?\n"},
                                                 {"assistant", "<think>\nhm\n</think>\n\u56DB"}}};
    for (const bool prompt : {false, true}) {
        if (!text::is_valid_utf8(chat.render(messages, prompt)))
            fuzz::report("the rendered text is not UTF-8");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::refused_or_used([&] { use(fuzz::as_text(data, size)); });
    return 0;
}

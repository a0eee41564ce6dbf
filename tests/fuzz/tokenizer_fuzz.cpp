// The text of a tokenizer.json: what is accepted encodes and decodes, with ids inside the
// vocabulary.

#include <nlohmann/json.hpp>

#include <array>

#include "target.hpp"
#include "text/pipeline_tokenizer.hpp"

namespace {

using namespace evoke;

constexpr std::array<std::string_view, 5> texts{"", "ab a  b\n\tHello, World's 42",
                                                "\u4F60\u597D \u00E9e\u0301 \U0001F600<s></s>",
                                                " <unk> ", "\xFF\xE4 x"};

void use(std::string_view content) {
    const std::filesystem::path file{"tokenizer.json"};
    const nlohmann::json json = text::parse_json(content, file);
    const text::PipelineTokenizer tokenizer{text::JsonPart{json, file}};
    for (const std::string_view text : texts) {
        fuzz::refused_or_used([&] {
            const auto ids = tokenizer.encode(text, true);
            (void)tokenizer.decode(ids, false);
            (void)tokenizer.decode(ids, true);
        });
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::refused_or_used([&] { use(fuzz::as_text(data, size)); });
    return 0;
}

#pragma once

#include "text/normalizer.hpp"

namespace evoke::text {

/// BERT's cleaning: control characters go, every white space becomes ' ', Chinese characters get
/// spaces around them, accents go, letters become small.
class BertNormalizer final : public Normalizer {
public:
    explicit BertNormalizer(const JsonPart& part);
    [[nodiscard]] std::string apply(std::string_view text) const override;

private:
    bool clean_text_;
    bool handle_chinese_chars_;
    bool lowercase_;
    bool strip_accents_;
};

}  // namespace evoke::text

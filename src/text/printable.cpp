#include "evoke/text/printable.hpp"

#include <utf8proc.h>

namespace evoke::text {

bool is_printable(std::string_view text) {
    if (text.empty()) return false;
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    auto left = static_cast<utf8proc_ssize_t>(text.size());
    while (left > 0) {
        utf8proc_int32_t code = 0;
        const auto length = utf8proc_iterate(at, left, &code);
        // U+FFFD stands for bytes that are no character of their own.
        if (length <= 0 || code == 0xFFFD) return false;
        const auto category = utf8proc_category(code);
        if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CN) return false;
        at += length;
        left -= length;
    }
    return true;
}

}  // namespace evoke::text

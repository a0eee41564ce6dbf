#include "text/byte_level.hpp"

#include <array>

#include "text/utf8.hpp"

namespace evoke::text {

namespace {

constexpr bool is_visible(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<std::string, 256> spelling;
    std::array<std::int16_t, 512> byte;  ///< of a character below 512; -1: none

    Alphabet() {
        byte.fill(-1);
        // The bytes without a visible character of their own take 256, 257, …
        char32_t next = 256;
        for (unsigned b = 0; b < 256; ++b) {
            const char32_t c = is_visible(b) ? b : next++;
            spelling[b] = to_utf8(c);
            byte[c] = static_cast<std::int16_t>(b);
        }
    }
};

const Alphabet& alphabet() {
    static const Alphabet instance;
    return instance;
}

}  // namespace

std::string spell_bytes(std::string_view bytes) {
    const Alphabet& letters = alphabet();
    std::string spelling;
    spelling.reserve(bytes.size() * 2);
    for (const char c : bytes) spelling += letters.spelling[static_cast<std::uint8_t>(c)];
    return spelling;
}

std::optional<std::string> bytes_from_spelling(std::string_view spelling) {
    const Alphabet& letters = alphabet();
    std::string bytes;
    bytes.reserve(spelling.size());
    for (std::size_t at = 0; at < spelling.size();) {
        const CodePoint point = code_point_at(spelling, at);
        at += point.length;
        if (point.value >= letters.byte.size() || letters.byte[point.value] < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(static_cast<std::uint8_t>(letters.byte[point.value]));
    }
    return bytes;
}

}  // namespace evoke::text

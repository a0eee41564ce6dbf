#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "evoke/core/bytes.hpp"

namespace evoke {

using Sha256 = std::array<std::byte, 32>;

/// SHA-256, fed piece by piece. Each piece is preceded by its length, so that ("ab", "c") and
/// ("a", "bc") differ; `raw` feeds bytes as they are.
class Sha256Stream {
public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;

    Sha256Stream& raw(ByteView bytes);
    Sha256Stream& field(ByteView bytes);
    Sha256Stream& field(std::string_view text);
    Sha256Stream& field(std::uint64_t number);
    /// By bit pattern; every NaN counts as one value.
    Sha256Stream& field(float number);
    Sha256Stream& field(double number);
    /// Ends the stream; the object is not used afterwards.
    [[nodiscard]] Sha256 finish();

private:
    void* context_;  // EVP_MD_CTX, kept out of the header
};

[[nodiscard]] Sha256 sha256(ByteView bytes);
/// Throws LoadError when the file cannot be read.
[[nodiscard]] Sha256 sha256_file(const std::filesystem::path& path);

/// 128 bits that name content (XXH3): genomes, examples, cache keys. Not against an adversary.
struct ContentHash {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend constexpr auto operator<=>(const ContentHash&, const ContentHash&) = default;
};

[[nodiscard]] ContentHash content_hash(ByteView bytes);
/// 32 hexadecimal digits, high first.
[[nodiscard]] std::string to_string(const ContentHash& hash);

/// XXH3 with 64 bits: checksums of frames and journals.
[[nodiscard]] std::uint64_t checksum64(ByteView bytes);

/// Collects fields, each with its length, into one ContentHash.
class ContentHasher {
public:
    ContentHasher& field(ByteView bytes);
    ContentHasher& field(std::string_view text);
    ContentHasher& field(std::uint64_t number);
    ContentHasher& field(double number);
    ContentHasher& field(const ContentHash& hash);
    [[nodiscard]] ContentHash finish() const;

private:
    Bytes buffer_;
};

}  // namespace evoke

template <>
struct std::hash<evoke::ContentHash> {
    std::size_t operator()(const evoke::ContentHash& content) const noexcept { return content.low; }
};

#include "evoke/core/hash.hpp"

#include <openssl/evp.h>
#include <xxhash.h>

#include <bit>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

#include "evoke/core/file.hpp"

namespace evoke {

namespace {

/// Little-endian on every machine.
template <class Integer>
std::array<std::byte, sizeof(Integer)> little_endian(Integer number) {
    std::array<std::byte, sizeof(Integer)> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>((number >> (8 * i)) & 0xffU);
    return bytes;
}

std::uint32_t canonical_bits(float number) {
    return std::bit_cast<std::uint32_t>(std::isnan(number) ? std::numeric_limits<float>::quiet_NaN()
                                                           : number);
}

std::uint64_t canonical_bits(double number) {
    return std::bit_cast<std::uint64_t>(
        std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number);
}

void check(int openssl_result) {
    if (openssl_result != 1) throw std::runtime_error{"SHA-256 is not available in libcrypto"};
}

EVP_MD_CTX* digest(void* context) {
    return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

Sha256Stream::Sha256Stream() : context_{EVP_MD_CTX_new()} {
    if (context_ == nullptr) throw std::bad_alloc{};
    check(EVP_DigestInit_ex(digest(context_), EVP_sha256(), nullptr));
}

Sha256Stream::~Sha256Stream() {
    EVP_MD_CTX_free(digest(context_));
}

Sha256Stream& Sha256Stream::raw(ByteView bytes) {
    check(EVP_DigestUpdate(digest(context_), bytes.data(), bytes.size()));
    return *this;
}

Sha256Stream& Sha256Stream::field(ByteView bytes) {
    raw(little_endian(std::uint64_t{bytes.size()}));
    return raw(bytes);
}

Sha256Stream& Sha256Stream::field(std::string_view text) {
    return field(as_bytes(text));
}

Sha256Stream& Sha256Stream::field(std::uint64_t number) {
    return field(ByteView{little_endian(number)});
}

Sha256Stream& Sha256Stream::field(float number) {
    return field(ByteView{little_endian(canonical_bits(number))});
}

Sha256Stream& Sha256Stream::field(double number) {
    return field(ByteView{little_endian(canonical_bits(number))});
}

Sha256 Sha256Stream::finish() {
    Sha256 result{};
    check(EVP_DigestFinal_ex(digest(context_), reinterpret_cast<unsigned char*>(result.data()),
                             nullptr));
    return result;
}

Sha256 sha256(ByteView bytes) {
    return Sha256Stream{}.raw(bytes).finish();
}

Sha256 sha256_file(const std::filesystem::path& path) {
    return sha256(MappedFile{path}.bytes());
}

ContentHash content_hash(ByteView bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {.high = hash.high64, .low = hash.low64};
}

std::string to_string(const ContentHash& hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint64_t half : {hash.high, hash.low})
        for (int shift = 60; shift >= 0; shift -= 4) text += digits[(half >> shift) & 15U];
    return text;
}

std::uint64_t checksum64(ByteView bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

ContentHasher& ContentHasher::field(ByteView bytes) {
    const auto length = little_endian(std::uint64_t{bytes.size()});
    buffer_.insert(buffer_.end(), length.begin(), length.end());
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return *this;
}

ContentHasher& ContentHasher::field(std::string_view text) {
    return field(as_bytes(text));
}

ContentHasher& ContentHasher::field(std::uint64_t number) {
    return field(ByteView{little_endian(number)});
}

ContentHasher& ContentHasher::field(double number) {
    return field(ByteView{little_endian(canonical_bits(number))});
}

ContentHasher& ContentHasher::field(const ContentHash& hash) {
    Bytes bytes;
    for (const std::uint64_t half : {hash.high, hash.low}) {
        const auto part = little_endian(half);
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    return field(ByteView{bytes});
}

ContentHash ContentHasher::finish() const {
    return content_hash(buffer_);
}

}  // namespace evoke

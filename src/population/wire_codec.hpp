#pragma once

#include <cereal/archives/portable_binary.hpp>
#include <concepts>
#include <cstdint>
#include <istream>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <type_traits>
#include <vector>

#include "evoke/core/bytes.hpp"
#include "evoke/core/ids.hpp"

namespace evoke::population::wire {

/// Appends to a byte array.
class GrowingBuffer : public std::streambuf {
public:
    explicit GrowingBuffer(Bytes& bytes) : bytes_{bytes} {}

protected:
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        const ByteView view = as_bytes({data, static_cast<std::size_t>(size)});
        bytes_.insert(bytes_.end(), view.begin(), view.end());
        return size;
    }
    int_type overflow(int_type character) override {
        if (traits_type::eq_int_type(character, traits_type::eof())) return 0;
        bytes_.push_back(static_cast<std::byte>(character));
        return character;
    }

private:
    Bytes& bytes_;
};

/// Reads a byte array and knows what is left of it.
class FixedBuffer : public std::streambuf {
public:
    explicit FixedBuffer(ByteView bytes) {
        // The get area of a stream buffer is not const; nothing writes to it.
        auto* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
        setg(begin, begin, begin + bytes.size());
    }
    [[nodiscard]] std::size_t remaining() const {
        return static_cast<std::size_t>(egptr() - gptr());
    }
};

/// Numbers other than bool, whose bytes must be checked.
template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// Writes fields one after another: numbers as cereal's portable binary archive does, lengths as 32
/// bits, bool and enumerations as one byte.
class Writer {
public:
    explicit Writer(Bytes& bytes) : buffer_{bytes}, stream_{&buffer_}, archive_{stream_} {}

    template <Number T>
    void operator()(const T& number) {
        archive_(number);
    }
    void operator()(const bool& flag) { archive_(static_cast<std::uint8_t>(flag)); }
    void operator()(const std::string& text) {
        length(text.size());
        archive_(cereal::binary_data(text.data(), text.size()));
    }
    template <class Tag, class Rep>
    void operator()(const Id<Tag, Rep>& id) {
        archive_(id.value);
    }
    template <Number T>
    void operator()(const std::vector<T>& numbers) {
        length(numbers.size());
        archive_(cereal::binary_data(numbers.data(), numbers.size() * sizeof(T)));
    }
    template <class T>
    void operator()(const std::vector<T>& items) {
        length(items.size());
        for (const T& item : items) fields(*this, item);
    }
    template <class Enum>
    requires std::is_enum_v<Enum>
    void enumeration(const Enum& value, Enum /*last*/) {
        archive_(static_cast<std::uint8_t>(value));
    }

private:
    void length(std::size_t size) {
        if (size > std::numeric_limits<std::uint32_t>::max())
            throw std::length_error{"more than 2^32 elements in one field"};
        archive_(static_cast<std::uint32_t>(size));
    }

    GrowingBuffer buffer_;
    std::ostream stream_;
    cereal::PortableBinaryOutputArchive archive_;
};

/// Bytes of a T all of whose lists are empty.
template <class T>
std::size_t smallest_size() {
    static const std::size_t size = [] {
        Bytes bytes;
        Writer writer{bytes};
        const std::size_t before = bytes.size();
        const T empty{};
        fields(writer, empty);
        return bytes.size() - before;
    }();
    return size;
}

/// The reverse. Believes no length: what is announced must be there before memory is taken for it.
/// Throws std::runtime_error.
class Reader {
public:
    explicit Reader(ByteView bytes)
        : buffer_{checked(bytes)}, stream_{&buffer_}, archive_{stream_} {}

    template <Number T>
    void operator()(T& number) {
        archive_(number);
    }
    void operator()(bool& flag) { flag = small(1, "a flag") != 0; }
    void operator()(std::string& text) {
        text.resize(length(1));
        archive_(cereal::binary_data(text.data(), text.size()));
    }
    template <class Tag, class Rep>
    void operator()(Id<Tag, Rep>& id) {
        archive_(id.value);
    }
    template <Number T>
    void operator()(std::vector<T>& numbers) {
        numbers.resize(length(sizeof(T)));
        archive_(cereal::binary_data(numbers.data(), numbers.size() * sizeof(T)));
    }
    template <class T>
    void operator()(std::vector<T>& items) {
        items.resize(length(smallest_size<T>()));
        for (T& item : items) fields(*this, item);
    }
    template <class Enum>
    requires std::is_enum_v<Enum>
    void enumeration(Enum& value, Enum last) {
        value = static_cast<Enum>(small(static_cast<std::uint8_t>(last), "an enumeration"));
    }
    /// Throws unless everything was read.
    void finish() const {
        if (buffer_.remaining() != 0)
            throw std::runtime_error{std::to_string(buffer_.remaining()) +
                                     " bytes too many in an encoded message"};
    }

private:
    static ByteView checked(ByteView bytes) {
        // The first byte of a portable archive tells the byte order.
        if (bytes.empty() || std::to_integer<unsigned>(bytes[0]) > 1)
            throw std::runtime_error{"the bytes are no encoded message"};
        return bytes;
    }
    std::uint8_t small(std::uint8_t last, const char* what) {
        std::uint8_t value = 0;
        archive_(value);
        if (value > last)
            throw std::runtime_error{std::string{what} + " has the impossible value " +
                                     std::to_string(value)};
        return value;
    }
    /// A count of elements of at least `element_size` bytes each.
    std::size_t length(std::size_t element_size) {
        std::uint32_t count = 0;
        archive_(count);
        if (count > buffer_.remaining() / element_size)
            throw std::runtime_error{"a length of " + std::to_string(count) +
                                     " is longer than the message"};
        return count;
    }

    FixedBuffer buffer_;
    std::istream stream_;
    cereal::PortableBinaryInputArchive archive_;
};

}  // namespace evoke::population::wire

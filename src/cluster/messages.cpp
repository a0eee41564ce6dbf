#include "cluster/messages.hpp"

#include <algorithm>
#include <array>
#include <cereal/archives/portable_binary.hpp>
#include <cstring>
#include <istream>
#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <utility>

namespace evoke::cluster {

namespace {

/// Appends what a stream writes to bytes.
class ByteSink final : public std::streambuf {
public:
    explicit ByteSink(Bytes& bytes) : bytes_{bytes} {}

private:
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        const ByteView view = as_bytes({data, static_cast<std::size_t>(size)});
        bytes_.insert(bytes_.end(), view.begin(), view.end());
        return size;
    }
    int_type overflow(int_type character) override {
        if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::eof();
        bytes_.push_back(static_cast<std::byte>(traits_type::to_char_type(character)));
        return character;
    }

    Bytes& bytes_;
};

/// Reads bytes in place.
class ByteSource final : public std::streambuf {
public:
    explicit ByteSource(ByteView bytes) {
        // A streambuf wants mutable characters and, as an input, never writes them.
        char* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
        setg(begin, begin, begin + bytes.size());
    }
    [[nodiscard]] ByteView rest() const {
        return as_bytes({gptr(), static_cast<std::size_t>(egptr() - gptr())});
    }
};

/// The one place that says how a message's fields are written: `io` is a cereal archive with a few
/// more habits (Writer, Reader). The payload comes last and takes what is left of the body.
template <class Io>
void fields(Io& io, message::Introduce& m) {
    io.digest(m.introduction.job);
    io.digest(m.introduction.probe);
    io.text(m.introduction.host);
    io.text(m.introduction.device);
}
template <class Io>
void fields(Io& io, message::Refuse& m) {
    io.text(m.reason);
}
template <class Io>
void fields(Io& io, message::Lease& m) {
    io.number(m.lease.value);
    io.payload(m.payload);
}
template <class Io>
void fields(Io& io, message::Result& m) {
    io.number(m.lease.value);
    io.number(m.seconds);
    io.payload(m.payload);
}
template <class Io>
void fields(Io& io, message::Failure& m) {
    io.number(m.lease.value);
    io.number(m.seconds);
    io.text(m.reason);
}
template <class Io>
void fields(Io& io, message::Beat& m) {
    io.number(m.progress);
    io.number(m.held);
}
template <class Io>
void fields(Io& io, message::Recall& m) {
    io.number(m.lease.value);
}
template <class Io>
void fields(Io& io, message::Returned& m) {
    io.number(m.lease.value);
}
template <class Io>
void fields(Io& io, message::Goodbye& m) {
    io.flag(m.waits);
}
template <class Io>
void fields(Io& io, message::Farewell& m) {
    io.flag(m.everybody);
}
template <class Io, class Empty>
requires std::is_empty_v<Empty>
void fields(Io&, Empty&) {}

class Writer {
public:
    explicit Writer(Bytes& bytes) : bytes_{bytes}, sink_{bytes}, stream_{&sink_}, out_{stream_} {}
    template <class Number>
    void number(const Number& value) {
        out_(value);
    }
    void flag(const bool& value) { out_(static_cast<std::uint8_t>(value ? 1 : 0)); }
    void digest(const Sha256& value) { out_(cereal::binary_data(value.data(), value.size())); }
    void text(const std::string& value) {
        const auto size = static_cast<std::uint32_t>(std::min(value.size(), max_text_size));
        out_(size, cereal::binary_data(value.data(), std::size_t{size}));
    }
    void payload(const Bytes& value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }

private:
    Bytes& bytes_;
    ByteSink sink_;
    std::ostream stream_;
    cereal::PortableBinaryOutputArchive out_;
};

class Reader {
public:
    explicit Reader(ByteView body) : source_{body}, stream_{&source_}, in_{stream_} {}
    template <class Number>
    void number(Number& value) {
        in_(value);
    }
    void flag(bool& value) {
        std::uint8_t byte = 0;
        in_(byte);
        value = byte != 0;
    }
    void digest(Sha256& value) { in_(cereal::binary_data(value.data(), value.size())); }
    void text(std::string& value) {
        std::uint32_t size = 0;
        in_(size);
        if (size > max_text_size || size > source_.rest().size())
            throw std::length_error{"a text of " + std::to_string(size) + " bytes"};
        value.resize(size);
        in_(cereal::binary_data(value.data(), value.size()));
    }
    void payload(Bytes& value) {
        const ByteView rest = source_.rest();
        value.assign(rest.begin(), rest.end());
        took_rest_ = true;
    }
    void end() const {
        if (!took_rest_ && !source_.rest().empty())
            throw std::length_error{std::to_string(source_.rest().size()) + " bytes too many"};
    }

private:
    ByteSource source_;
    std::istream stream_;
    cereal::PortableBinaryInputArchive in_;
    bool took_rest_ = false;
};

template <class Kind>
Message read(ByteView body) {
    Kind message;
    Reader reader{body};
    fields(reader, message);
    reader.end();
    return message;
}

/// One reader for each alternative of Message, in order.
template <std::size_t... I>
constexpr auto readers(std::index_sequence<I...>) {
    return std::array{&read<std::variant_alternative_t<I, Message>>...};
}
constexpr auto read_by_type = readers(std::make_index_sequence<std::variant_size_v<Message>>{});

}  // namespace

Bytes encode(const Message& message) {
    Bytes frame = begin_frame(static_cast<std::uint16_t>(message.index() + 1));
    {
        Writer writer{frame};
        // `fields` serves reading, too, and therefore takes its message mutable.
        std::visit(
            [&](const auto& m) { fields(writer, const_cast<std::decay_t<decltype(m)>&>(m)); },
            message);
    }
    end_frame(frame);
    return frame;
}

std::variant<Message, Malformed> decode(ByteView frame) {
    const auto opened = open_frame(frame);
    if (const auto* malformed = std::get_if<Malformed>(&opened)) return *malformed;
    const auto& view = std::get<FrameView>(opened);
    if (view.type == 0 || view.type > read_by_type.size())
        return Malformed{"unknown type " + std::to_string(view.type)};
    const std::string what = "a message of type " + std::to_string(view.type);
    try {
        return read_by_type.at(view.type - 1U)(view.body);
    } catch (const cereal::Exception&) {
        return Malformed{what + " that ends too soon"};
    } catch (const std::length_error& failure) {
        return Malformed{what + " with " + failure.what()};
    }
}

}  // namespace evoke::cluster

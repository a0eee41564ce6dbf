#include "evoke/population/wire.hpp"

#include <type_traits>

#include "population/wire_codec.hpp"

namespace evoke::population {

namespace wire {

/// Raised whenever a field changes; messages of another version are refused.
constexpr std::uint8_t version = 1;

// One list of fields for both directions: T is const when writing.

template <class A, class T>
concept Of = std::same_as<std::remove_const_t<A>, T>;

template <class Archive, Of<std::string> T>
void fields(Archive& archive, T& text) {
    archive(text);
}

template <class Archive, class Tag, class Rep>
void fields(Archive& archive, Id<Tag, Rep>& id) {
    archive(id);
}
template <class Archive, class Tag, class Rep>
void fields(Archive& archive, const Id<Tag, Rep>& id) {
    archive(id);
}

template <class Archive, Of<Genome> T>
void fields(Archive& archive, T& genome) {
    archive(genome.instruction);
    archive(genome.demonstrations);
    archive(genome.tokens);
}

template <class Archive, Of<Outcome> T>
void fields(Archive& archive, T& outcome) {
    archive(outcome.values);
    archive.enumeration(outcome.status, OutcomeStatus::overflow);
    archive(outcome.prompt_tokens);
    archive(outcome.generated_tokens);
    archive(outcome.seconds);
}

template <class Archive, Of<RandomKey> T>
void fields(Archive& archive, T& key) {
    archive(key.seed);
    archive.enumeration(key.purpose, Purpose::initial);
    archive(key.generation);
    archive(key.slot);
    archive(key.attempt);
}

template <class Archive, Of<EvaluateUnit> T>
void fields(Archive& archive, T& unit) {
    archive(unit.genomes);
    archive(unit.examples);
}

template <class Archive, Of<AskUnit> T>
void fields(Archive& archive, T& unit) {
    archive(unit.prompt);
    archive(unit.chat);
    archive(unit.stop);
    archive(unit.max_tokens);
    archive(unit.temperature);
    archive(unit.top_p);
    fields(archive, unit.key);
}

template <class Archive, Of<ContinueUnit> T>
void fields(Archive& archive, T& unit) {
    archive(unit.tokens);
    archive(unit.max_tokens);
}

template <class Archive, Of<EvaluateResult> T>
void fields(Archive& archive, T& result) {
    archive(result.outcomes);
}

template <class Archive, Of<Reply> T>
void fields(Archive& archive, T& reply) {
    archive(reply.text);
    archive(reply.tokens);
    archive(reply.truncated);
    archive(reply.prompt_tokens);
    archive(reply.generated_tokens);
}

/// Which message follows. Values are part of the wire form: never renumber.
constexpr std::uint8_t first_unit = 1;     // evaluate, ask, continue: 1, 2, 3
constexpr std::uint8_t first_result = 17;  // outcomes, reply: 17, 18

template <class Variant>
Bytes encode(const Variant& message, std::uint8_t first) {
    Bytes bytes;
    Writer writer{bytes};
    writer(version);
    writer(static_cast<std::uint8_t>(first + message.index()));
    std::visit([&](const auto& alternative) { fields(writer, alternative); }, message);
    return bytes;
}

template <class Variant, std::size_t index = 0>
Variant decode_alternative(Reader& reader, std::size_t wanted) {
    if constexpr (index == std::variant_size_v<Variant>) {
        throw std::runtime_error{"a message of an unknown kind"};
    } else {
        if (wanted != index) return decode_alternative<Variant, index + 1>(reader, wanted);
        std::variant_alternative_t<index, Variant> alternative;
        fields(reader, alternative);
        return alternative;
    }
}

template <class Variant>
Variant decode(ByteView bytes, std::uint8_t first) {
    Reader reader{bytes};
    std::uint8_t found = 0;
    reader(found);
    if (found != version)
        throw std::runtime_error{"a message of version " + std::to_string(found) + ", expected " +
                                 std::to_string(version)};
    std::uint8_t kind = 0;
    reader(kind);
    // Below `first` the difference wraps to something that no variant has.
    auto message =
        decode_alternative<Variant>(reader, static_cast<std::size_t>(kind) - std::size_t{first});
    reader.finish();
    return message;
}

}  // namespace wire

Bytes encode(const Unit& unit) {
    return wire::encode(unit, wire::first_unit);
}

Bytes encode(const UnitResult& result) {
    return wire::encode(result, wire::first_result);
}

Unit decode_unit(ByteView bytes) {
    return wire::decode<Unit>(bytes, wire::first_unit);
}

UnitResult decode_result(ByteView bytes) {
    return wire::decode<UnitResult>(bytes, wire::first_result);
}

}  // namespace evoke::population

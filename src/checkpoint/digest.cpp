#include "checkpoint/digest.hpp"

#include "checkpoint/encode.hpp"
#include "evoke/core/hash.hpp"

namespace evoke::checkpoint {

namespace {

void add_columns(Sha256Stream& stream, const Tree& tree) {
    for (const Column& column : tree.columns) {
        if (!column.scientific) continue;
        stream.field(column.path);
        stream.field(type_name(column.numbers));
        stream.field(std::uint64_t{column.shape.size()});
        for (const std::uint64_t extent : column.shape) stream.field(extent);
        stream.field(bytes_of(column.numbers));
    }
}

}  // namespace

std::string digest_of(const Tree& tree, const GenerationRecord& record) {
    Sha256Stream stream;
    stream.field(std::string_view{"evoke generation digest 1"});
    stream.field(record.previous_digest);
    for (const auto& [name, value] : record.identities) {
        if (name == "probe") continue;
        stream.field(name);
        stream.field(value);
    }
    add_columns(stream, tree);
    return to_hex(stream.finish());
}

std::string digest_of(const GenerationRecord& record) {
    return digest_of(encode(record), record);
}

std::string run_digest(const GenerationRecord& newest) {
    Tree tree;
    std::vector<IndividualId> tested;
    for (const auto& [id, row] : newest.test.rows()) tested.push_back(id);
    encode_scores(tree, "/archive/test", newest.test, tested, true);
    Sha256Stream stream;
    stream.field(std::string_view{"evoke run digest 1"});
    stream.field(newest.digest);
    add_columns(stream, tree);
    return to_hex(stream.finish());
}

}  // namespace evoke::checkpoint

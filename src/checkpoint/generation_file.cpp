#include "evoke/checkpoint/generation_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include "evoke/core/format.hpp"

#include <algorithm>
#include <cerrno>
#include <future>
#include <new>

#include "checkpoint/decode.hpp"
#include "checkpoint/digest.hpp"
#include "checkpoint/encode.hpp"
#include "checkpoint/hdf5_reader.hpp"
#include "checkpoint/hdf5_writer.hpp"
#include "checkpoint/raw_file.hpp"
#include "checkpoint/seal.hpp"

namespace evoke::checkpoint {

namespace {

/// Whether the file, read back, holds every byte of every column.
void verify_written(const std::filesystem::path& path, const Tree& tree) {
    const auto differs = [&](const std::string& where) {
        return EnvironmentError{"what was written to " + path.string() +
                                " reads back differently (" + where +
                                "): the disk or the memory "
                                "of this machine is failing"};
    };
    try {
        auto sealed = std::async(std::launch::async, [&] { return check_seal(path); });
        const Hdf5Reader reader{path};
        for (const auto& [name, value] : tree.attributes)
            if (reader.attribute(name) != value) throw differs("attribute " + name);
        for (const Column& column : tree.columns)
            if (!reader.holds(column)) throw differs(column.path);
        (void)sealed.get();
    } catch (const EnvironmentError&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw differs(error.what());
    }
}

GenerationRecord read_content(const std::filesystem::path& path) {
    const Hdf5Reader reader{path};
    GenerationRecord record = decode(reader);
    if (digest_of(record) != record.digest)
        throw std::runtime_error{"its digest does not fit its content"};
    return record;
}

}  // namespace

std::string write_generation(const std::filesystem::path& path, const GenerationRecord& record,
                             const WriteProbe& probe) {
    const Tree tree = encode(record);
    auto digest = std::async(std::launch::async, [&] { return digest_of(tree, record); }).share();
    const Bytes image = hdf5_image(tree, digest);
    const std::string seal = make_seal({.major = format_major, .minor = format_minor}, image);

    const std::filesystem::path temporary = path.string() + ".tmp";
    try {
        write_new_file(temporary, {as_bytes(seal), image});
        verify_written(temporary, tree);
        commit_file(temporary, path, probe);
    } catch (const EnvironmentError&) {
        // On a full disk the part that was written is only in the way.
        ::unlink(temporary.c_str());
        throw;
    }
    return digest.get();
}

GenerationRecord read_generation(const std::filesystem::path& path) {
    const SealVersion version = check_seal(path);
    if (version.major != format_major)
        throw GenerationError{path, GenerationFault::unknown_version,
                              fmt::format("is of format {}.{}; this program reads format {}.x",
                                          version.major, version.minor, format_major)};
    try {
        return read_content(path);
    } catch (const std::bad_alloc&) {
        throw EnvironmentError{"not enough memory to read " + path.string()};
    } catch (const std::exception& error) {
        throw GenerationError{path, GenerationFault::damaged,
                              std::string{"damaged: "} + error.what()};
    }
}

}  // namespace evoke::checkpoint

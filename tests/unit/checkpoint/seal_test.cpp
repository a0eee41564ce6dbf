#include "checkpoint/seal.hpp"

#include <gtest/gtest.h>

#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/core/hash.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;

TEST(Seal, says_what_the_file_is_in_lines_of_text) {
    const std::string seal = make_seal({.major = 1, .minor = 0}, as_bytes("image"));
    ASSERT_EQ(seal.size(), 512U);
    const std::string covered = "evoke generation file\nformat 1.0\nbytes 517\n";
    const std::string checksum = to_hex(sha256(as_bytes(covered + "image")));
    EXPECT_EQ(seal.substr(0, seal.find('\0')), covered + "sha256 " + checksum + "\n");
    EXPECT_EQ(seal.find_first_not_of('\0', seal.find('\0')), std::string::npos);
}

TEST(Seal, a_whole_file_passes_and_tells_its_version) {
    const TemporaryFolder folder;
    const auto path =
        folder.write("f", make_seal({.major = 4, .minor = 11}, as_bytes("image")) + "image");
    const SealVersion version = check_seal(path);
    EXPECT_EQ(version.major, 4);
    EXPECT_EQ(version.minor, 11);
}

std::string complaint(const std::filesystem::path& path, GenerationFault fault) {
    try {
        (void)check_seal(path);
    } catch (const GenerationError& error) {
        EXPECT_EQ(error.fault(), fault) << error.what();
        return std::string{error.what()}.substr(path.string().size());
    }
    return "nothing";
}

TEST(Seal, tells_apart_what_is_wrong) {
    const TemporaryFolder folder;
    const std::string whole = make_seal({.major = 1, .minor = 0}, as_bytes("image")) + "image";
    const auto damaged = [&](const std::string& content) {
        return complaint(folder.write("f", content), GenerationFault::damaged);
    };
    EXPECT_EQ(damaged(""), ": truncated: 0 bytes, a generation file has more");
    EXPECT_EQ(damaged(whole.substr(0, 511)), ": truncated: 511 bytes, a generation file has more");
    EXPECT_EQ(damaged(whole.substr(0, 516)), ": truncated: 516 of 517 bytes");
    EXPECT_EQ(damaged(whole + "x"), ": damaged: 518 bytes where 517 belong");
    std::string other = whole;
    other[516] = 'E';
    EXPECT_EQ(damaged(other), ": damaged: the checksum of its content differs");
    EXPECT_EQ(damaged(std::string(600, 'x')),
              ": not a generation file of Evoke, or its first bytes are damaged");
    EXPECT_EQ(complaint(folder / "none", GenerationFault::unreadable),
              ": No such file or directory");
    EXPECT_EQ(complaint(folder.path(), GenerationFault::unreadable), ": not a regular file");
}

TEST(Seal, any_changed_byte_of_the_seal_itself_is_found) {
    const TemporaryFolder folder;
    const std::string whole = make_seal({.major = 1, .minor = 0}, as_bytes("image")) + "image";
    for (std::size_t i = 0; i < seal_size; ++i) {
        std::string other = whole;
        other[i] = static_cast<char>(other[i] ^ 1);
        EXPECT_THROW((void)check_seal(folder.write("f", other)), GenerationError) << i;
    }
}

}  // namespace
}  // namespace evoke::checkpoint

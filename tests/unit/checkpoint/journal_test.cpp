#include "evoke/checkpoint/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace {
int syncs = 0;
}  // namespace

/// Stands before the C library's, to be counted.
extern "C" int fdatasync(int descriptor) {
    ++syncs;
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace evoke::checkpoint {
namespace {

using namespace std::chrono_literals;
using test::ManualClock;
using test::TemporaryFolder;
using testing::HasSubstr;

JournalOutcomes outcomes(std::uint64_t key) {
    return {.keys = {{.high = key, .low = 1}, {.high = key, .low = 2}},
            .outcomes = {{.values = {0.5F}, .prompt_tokens = 9, .seconds = 0.25F},
                         {.values = {1.0F}, .status = population::OutcomeStatus::unparsed}}};
}

JournalReply reply(std::uint64_t key) {
    return {.key = {.high = key, .low = 3},
            .reply = {.text = "<prompt>", .tokens = {4, 5}, .truncated = true}};
}

void append_all(const std::filesystem::path& path, const std::vector<JournalEntry>& entries) {
    const ManualClock clock;
    Journal journal{path, clock, 1s};
    for (const JournalEntry& entry : entries) journal.append(entry);
}

/// The high half of the first key of every entry.
std::vector<std::uint64_t> keys_in(const JournalContent& content) {
    std::vector<std::uint64_t> keys;
    for (const JournalEntry& entry : content.entries) {
        const auto* found = std::get_if<JournalOutcomes>(&entry);
        keys.push_back(found ? found->keys.at(0).high : std::get<JournalReply>(entry).key.high);
    }
    return keys;
}

TEST(Journal, a_missing_one_is_empty) {
    const TemporaryFolder folder;
    const JournalContent content = read_journal(folder / "none");
    EXPECT_TRUE(content.entries.empty());
    EXPECT_EQ(content.torn_bytes, 0U);
}

TEST(Journal, gives_back_what_was_appended) {
    const TemporaryFolder folder;
    append_all(folder / "j", {outcomes(7), reply(8)});
    const JournalContent content = read_journal(folder / "j");
    EXPECT_EQ(content.torn_bytes, 0U);
    ASSERT_EQ(content.entries.size(), 2U);
    const auto& found = std::get<JournalOutcomes>(content.entries[0]);
    EXPECT_EQ(found.keys, outcomes(7).keys);
    ASSERT_EQ(found.outcomes.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_TRUE(found.outcomes[i].same_result(outcomes(7).outcomes[i]));
    EXPECT_EQ(found.outcomes[0].seconds, 0.25F);
    EXPECT_EQ(std::get<JournalReply>(content.entries[1]).key, reply(8).key);
    EXPECT_EQ(std::get<JournalReply>(content.entries[1]).reply, reply(8).reply);
}

TEST(Journal, goes_on_where_it_ended) {
    const TemporaryFolder folder;
    append_all(folder / "j", {outcomes(1)});
    append_all(folder / "j", {reply(2), outcomes(3)});
    EXPECT_THAT(keys_in(read_journal(folder / "j")), testing::ElementsAre(1, 2, 3));
}

TEST(Journal, torn_at_any_byte_gives_the_whole_entries_and_goes_on_behind_them) {
    const TemporaryFolder folder;
    append_all(folder / "j", {});
    std::vector<std::size_t> ends{std::filesystem::file_size(folder / "j")};
    for (std::uint64_t key = 1; key <= 3; ++key) {
        append_all(folder / "j", {key == 2 ? JournalEntry{reply(key)} : outcomes(key)});
        ends.push_back(std::filesystem::file_size(folder / "j"));
    }
    const std::string whole = read_text_file(folder / "j");
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const auto torn = folder.write("torn", whole.substr(0, size));
        std::vector<std::uint64_t> expected;
        std::size_t sound = size < ends[0] ? 0 : ends[0];
        for (std::uint64_t key = 1; key <= 3 && ends[key] <= size; ++key) {
            expected.push_back(key);
            sound = ends[key];
        }
        const JournalContent content = read_journal(torn);
        EXPECT_EQ(keys_in(content), expected) << size;
        EXPECT_EQ(content.torn_bytes, size - sound) << size;

        append_all(torn, {outcomes(9)});
        expected.push_back(9);
        EXPECT_EQ(keys_in(read_journal(torn)), expected) << size;
        EXPECT_EQ(read_journal(torn).torn_bytes, 0U) << size;
    }
}

TEST(Journal, with_any_byte_changed_gives_the_entries_before_it_or_is_refused) {
    const TemporaryFolder folder;
    append_all(folder / "j", {outcomes(1), reply(2), outcomes(3)});
    const std::string whole = read_text_file(folder / "j");
    const std::vector<std::uint64_t> all{1, 2, 3};
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 0x40);
        const auto path = folder.write("changed", changed);
        if (i < 16) {
            EXPECT_THROW((void)read_journal(path), LoadError) << i;
            continue;
        }
        const JournalContent content = read_journal(path);
        const std::vector<std::uint64_t> keys = keys_in(content);
        ASSERT_LT(keys.size(), 3U) << i;
        EXPECT_TRUE(std::equal(keys.begin(), keys.end(), all.begin())) << i;
        EXPECT_GT(content.torn_bytes, 0U) << i;
    }
}

TEST(Journal, a_length_beyond_all_reason_takes_no_memory) {
    const TemporaryFolder folder;
    append_all(folder / "j", {});
    std::string bytes = read_text_file(folder / "j");
    bytes += std::string(4, '\xff') + std::string(100, 'x');
    const JournalContent content = read_journal(folder.write("j", bytes));
    EXPECT_TRUE(content.entries.empty());
    EXPECT_EQ(content.torn_bytes, 104U);
}

TEST(Journal, the_bytes_are_those_of_the_document) {
    const TemporaryFolder folder;
    append_all(folder / "j", {JournalReply{.key = {.high = 1, .low = 2}, .reply = {.text = "ok"}}});
    const std::string bytes = read_text_file(folder / "j");
    EXPECT_EQ(bytes.substr(0, 16), "evoke journal 1\n");
    EXPECT_EQ(to_hex(as_bytes(bytes.substr(16, 8))), "2600000002000000");  // 38 bytes, a reply
    const std::string covered = bytes.substr(16, 8) + bytes.substr(32);
    const std::uint64_t checksum = checksum64(as_bytes(covered));
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(static_cast<unsigned char>(bytes[24 + i]), (checksum >> (8 * i)) & 0xffU);
    EXPECT_EQ(to_hex(as_bytes(bytes.substr(32))),
              "0100000000000000"
              "0200000000000000"  // the key
              "010112"            // little-endian, version 1, a reply
              "02000000"
              "6f6b"
              "00000000"            // no tokens
              "00"                  // not truncated
              "0000000000000000");  // token counts
}

TEST(Journal, frames_of_unknown_type_are_passed_over) {
    const TemporaryFolder folder;
    append_all(folder / "j", {outcomes(1)});
    std::string bytes = read_text_file(folder / "j");
    const std::string head("\x03\0\0\0\x63\0\0\0", 8);
    const std::uint64_t checksum = checksum64(as_bytes(head + "new"));
    bytes += head;
    for (std::size_t i = 0; i < 8; ++i) bytes += static_cast<char>((checksum >> (8 * i)) & 0xffU);
    folder.write("j", bytes + "new");
    append_all(folder / "j", {outcomes(2)});
    EXPECT_THAT(keys_in(read_journal(folder / "j")), testing::ElementsAre(1, 2));
}

TEST(Journal, what_is_no_journal_is_refused_and_left_alone) {
    const TemporaryFolder folder;
    const auto path = folder.write("j", "something else entirely");
    try {
        (void)read_journal(path);
        FAIL() << "was read";
    } catch (const LoadError& error) {
        EXPECT_THAT(error.what(), HasSubstr("not a journal of Evoke"));
    }
    const ManualClock clock;
    EXPECT_THROW((Journal{path, clock, 1s}), LoadError);
    EXPECT_EQ(read_text_file(path), "something else entirely");
}

TEST(Journal, needs_a_key_for_each_outcome) {
    const TemporaryFolder folder;
    JournalOutcomes wrong = outcomes(1);
    wrong.keys.pop_back();
    EXPECT_THROW(append_all(folder / "j", {wrong}), std::invalid_argument);
}

TEST(Journal, is_synced_when_the_oldest_unsynced_entry_is_due_and_not_before) {
    const TemporaryFolder folder;
    ManualClock clock;
    Journal journal{folder / "j", clock, 1s};
    syncs = 0;
    journal.append(outcomes(1));
    clock.advance(600ms);
    journal.append(outcomes(2));
    journal.tick();
    EXPECT_EQ(syncs, 0);
    clock.advance(400ms);
    journal.tick();
    EXPECT_EQ(syncs, 1);
    clock.advance(10s);
    journal.tick();
    EXPECT_EQ(syncs, 1) << "nothing was waiting";
    journal.append(outcomes(3));
    EXPECT_EQ(syncs, 1);
    journal.sync();
    journal.sync();
    EXPECT_EQ(syncs, 2);
}

TEST(Journal, syncs_what_is_left_at_its_end) {
    const TemporaryFolder folder;
    const ManualClock clock;
    {
        Journal journal{folder / "j", clock, 1s};
        journal.append(outcomes(1));
        syncs = 0;
    }
    EXPECT_EQ(syncs, 1);
}

TEST(Journal, without_patience_syncs_each_entry) {
    const TemporaryFolder folder;
    const ManualClock clock;
    Journal journal{folder / "j", clock, 0s};
    syncs = 0;
    journal.append(outcomes(1));
    journal.append(outcomes(2));
    EXPECT_EQ(syncs, 2);
}

TEST(Journal, a_missing_folder_is_an_environment_error) {
    const TemporaryFolder folder;
    const ManualClock clock;
    EXPECT_THROW((Journal{folder / "none/j", clock, 1s}), EnvironmentError);
}

}  // namespace
}  // namespace evoke::checkpoint

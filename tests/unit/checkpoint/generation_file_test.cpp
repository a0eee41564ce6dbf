#include "evoke/checkpoint/generation_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <stdexcept>

#include "support/sample_generation.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::sample_generation;
using test::TemporaryFolder;

std::string content_of(const std::filesystem::path& path) {
    return read_text_file(path);
}

void expect_same(const GenerationRecord& a, const GenerationRecord& b) {
    EXPECT_EQ(a.job, b.job);
    EXPECT_EQ(a.identities, b.identities);
    EXPECT_EQ(a.measures, b.measures);
    EXPECT_EQ(a.objectives, b.objectives);
    EXPECT_EQ(a.previous_digest, b.previous_digest);
    EXPECT_EQ(a.state.generation, b.state.generation);
    EXPECT_EQ(a.state.population, b.state.population);
    EXPECT_EQ(a.state.archive, b.state.archive);
    EXPECT_EQ(a.state.born, b.state.born);
    EXPECT_TRUE(a.state.scores.same_results(b.state.scores));
    EXPECT_TRUE(a.test.same_results(b.test));
    EXPECT_EQ(a.state.proposals, b.state.proposals);
    EXPECT_EQ(a.state.seen, b.state.seen);
    EXPECT_EQ(a.state.next_id, b.state.next_id);
    EXPECT_EQ(a.state.spent, b.state.spent);
    EXPECT_EQ(a.state.finished, b.state.finished);
    EXPECT_EQ(a.state.note, b.state.note);
}

TEST(GenerationFile, holds_everything_that_was_written) {
    const TemporaryFolder folder;
    GenerationRecord written = sample_generation(3, std::string(64, 'f'));
    written.state.finished = true;
    const std::string digest = write_generation(folder / "g.h5", written);
    const GenerationRecord found = read_generation(folder / "g.h5");
    expect_same(found, written);
    EXPECT_EQ(found.digest, digest);
    const IndividualId first = written.state.population[0].id;
    EXPECT_EQ(found.state.scores.find(first, ExampleId{5})->seconds,
              written.state.scores.find(first, ExampleId{5})->seconds);
}

TEST(GenerationFile, holds_where_and_how_it_was_made) {
    const TemporaryFolder folder;
    const GenerationRecord written = sample_generation(3, "");
    write_generation(folder / "g.h5", written);
    const Provenance found = read_generation(folder / "g.h5").provenance;
    EXPECT_EQ(found.software_version, "0.1.0");
    EXPECT_EQ(found.created, "2024-02-29T12:00:00Z");
    EXPECT_EQ(found.hardware, "2 cores");
    EXPECT_EQ(found.ranks, 2);
    EXPECT_EQ(found.slurm_job, "");
    EXPECT_EQ(found.restarts, 0);
    EXPECT_EQ(found.wall_seconds, 12.5);
    EXPECT_EQ(found.cache_hits, 9U);
    EXPECT_EQ(found.cache_misses, 91U);
    ASSERT_EQ(found.usage.size(), 2U);
    EXPECT_EQ(found.usage[1].rank, 1);
    EXPECT_EQ(found.usage[1].host, "n2");
    EXPECT_EQ(found.usage[1].device, "cpu");
    EXPECT_EQ(found.usage[1].units, 3U);
    EXPECT_EQ(found.usage[1].busy_seconds, 11.25);
    EXPECT_TRUE(found.usage[1].lost);
    EXPECT_FALSE(found.usage[0].lost);
}

TEST(GenerationFile, an_empty_record_is_a_record) {
    const TemporaryFolder folder;
    write_generation(folder / "g.h5", {});
    expect_same(read_generation(folder / "g.h5"), {});
}

TEST(GenerationFile, columns_of_many_chunks_survive) {
    // 2,000 rows of 400 examples: values in several chunks, token counts of two bytes.
    const TemporaryFolder folder;
    GenerationRecord written = sample_generation(1, "", {.individuals = 2000, .examples = 400});
    for (std::uint32_t i = 0; i < 400; ++i)
        written.state.scores.set(written.state.population[0].id, ExampleId{1000 + i},
                                 {.values = {0.5F, static_cast<float>(i)},
                                  .prompt_tokens = 70000 * i,
                                  .generated_tokens = 300});
    write_generation(folder / "g.h5", written);
    expect_same(read_generation(folder / "g.h5"), written);
}

TEST(GenerationFile, texts_of_any_bytes_survive) {
    const TemporaryFolder folder;
    GenerationRecord written = sample_generation(1, "");
    written.state.population[0].genome.instruction = std::string("a\0b\xff\xc3", 5);
    written.state.population[1].genome.instruction = "";
    written.job = std::string(200000, 'x');  // beyond what HDF5 allows in an attribute
    write_generation(folder / "g.h5", written);
    expect_same(read_generation(folder / "g.h5"), written);
}

TEST(GenerationFile, equal_records_make_equal_bytes) {
    const TemporaryFolder folder;
    write_generation(folder / "a.h5", sample_generation(2, ""));
    write_generation(folder / "b.h5", sample_generation(2, ""));
    EXPECT_TRUE(content_of(folder / "a.h5") == content_of(folder / "b.h5"));
}

TEST(GenerationFile, rows_of_nobody_in_it_are_left_out) {
    const TemporaryFolder folder;
    GenerationRecord record = sample_generation(2, "");
    const std::string digest = digest_of(record);
    record.state.scores.set(IndividualId{999}, ExampleId{0}, {.values = {1, 1}});
    EXPECT_EQ(digest_of(record), digest);
    write_generation(folder / "g.h5", record);
    EXPECT_FALSE(read_generation(folder / "g.h5").state.scores.rows().contains(IndividualId{999}));
}

TEST(GenerationFile, records_whose_parts_do_not_fit_are_refused) {
    const TemporaryFolder folder;
    const auto refused = [&](const std::function<void(GenerationRecord&)>& change) {
        GenerationRecord record = sample_generation(2, "");
        change(record);
        EXPECT_THROW(write_generation(folder / "g.h5", record), std::invalid_argument);
        EXPECT_FALSE(std::filesystem::exists(folder / "g.h5"));
    };
    refused([](auto& record) { record.state.population[1].objectives.pop_back(); });
    refused([](auto& record) { record.state.born[1].measures.push_back(1); });
    refused([](auto& record) {
        record.state.scores.set(record.state.population[0].id, ExampleId{77}, {.values = {1}});
    });
}

TEST(GenerationFile, is_written_in_steps_and_only_then_in_place) {
    const TemporaryFolder folder;
    write_generation(folder / "g.h5", sample_generation(1, ""));
    const std::string before = content_of(folder / "g.h5");
    std::vector<WriteStep> steps;
    write_generation(folder / "g.h5", sample_generation(2, ""), [&](WriteStep step) {
        steps.push_back(step);
        if (step < WriteStep::renamed) {
            EXPECT_TRUE(content_of(folder / "g.h5") == before);
            EXPECT_EQ(read_generation(folder / "g.h5.tmp").state.generation, 2U);
        } else {
            EXPECT_EQ(read_generation(folder / "g.h5").state.generation, 2U);
            EXPECT_FALSE(std::filesystem::exists(folder / "g.h5.tmp"));
        }
    });
    EXPECT_THAT(steps, testing::ElementsAre(WriteStep::written, WriteStep::synced,
                                            WriteStep::renamed, WriteStep::folder_synced));
}

TEST(GenerationFile, a_missing_folder_is_an_environment_error) {
    const TemporaryFolder folder;
    EXPECT_THROW(write_generation(folder / "none/g.h5", sample_generation(1, "")),
                 EnvironmentError);
}

using Change = std::function<void(GenerationRecord&)>;

std::string digest_after(const Change& change) {
    GenerationRecord record = sample_generation(3, std::string(64, '0'));
    change(record);
    return digest_of(record);
}

const Change nothing = [](GenerationRecord&) {};

TEST(Digest, is_what_write_returns_and_read_finds) {
    const TemporaryFolder folder;
    const std::string digest =
        write_generation(folder / "g.h5", sample_generation(3, std::string(64, '0')));
    EXPECT_EQ(digest, digest_after(nothing));
    EXPECT_EQ(digest, digest_of(read_generation(folder / "g.h5")));
}

TEST(Digest, depends_on_no_time_host_rank_or_cache) {
    const std::string digest = digest_after(nothing);
    EXPECT_EQ(digest, digest_after([](auto& r) { r.provenance = {}; }));
    EXPECT_EQ(digest, digest_after([](auto& r) { r.job = "other text, same identity"; }));
    EXPECT_EQ(digest, digest_after([](auto& r) { r.identities["probe"] = "other machine"; }));
    EXPECT_EQ(digest, digest_after([](auto& r) { r.test = {}; }));
    EXPECT_EQ(digest, digest_after([](auto& r) { r.state.note = "for people"; }));
    EXPECT_EQ(digest, digest_after([](auto& r) { r.digest = "whatever"; }));
    EXPECT_EQ(digest, digest_after([](auto& r) {
                  population::ScoreMatrix slower;
                  for (const auto& [id, row] : r.state.scores.rows())
                      for (auto [example, outcome] : row) {
                          outcome.seconds *= 3;
                          slower.set(id, example, outcome);
                      }
                  r.state.scores = slower;
              }));
}

TEST(Digest, depends_on_all_that_the_search_found) {
    const std::vector<Change> changes{
        nothing,
        [](auto& r) { r.previous_digest = std::string(64, '1'); },
        [](auto& r) { r.identities["model"] = "other"; },
        [](auto& r) { r.measures[0] = "f1"; },
        [](auto& r) { r.objectives[0].direction = population::Direction::minimise; },
        [](auto& r) { ++r.state.generation; },
        [](auto& r) { r.state.population[0].genome.instruction += "."; },
        [](auto& r) { std::swap(r.state.population[0], r.state.population[1]); },
        [](auto& r) { r.state.population[0].parents.clear(); },
        [](auto& r) { r.state.population[0].objectives[0] += 1e-9; },
        [](auto& r) { r.state.archive.pop_back(); },
        [](auto& r) { r.state.born[1].genome.tokens[0] = 2; },
        [](auto& r) { r.state.proposals[0].raw += " "; },
        [](auto& r) { r.state.proposals[1].verdict = population::Verdict::malformed; },
        [](auto& r) { r.state.seen.insert({.high = 1, .low = 2}); },
        [](auto& r) { ++r.state.next_id.value; },
        [](auto& r) { ++r.state.spent.evaluations; },
        [](auto& r) { r.state.finished = true; },
        [](auto& r) {
            r.state.scores.set(r.state.population[0].id, ExampleId{88}, {.values = {1, 1}});
        }};
    std::set<std::string> digests;
    for (const Change& change : changes) digests.insert(digest_after(change));
    EXPECT_EQ(digests.size(), changes.size());
}

TEST(Digest, takes_every_nan_for_one) {
    const auto with = [](double nan) {
        return digest_after([&](auto& r) { r.state.population[0].objectives[0] = nan; });
    };
    EXPECT_EQ(with(std::nan("1")), with(-std::nan("7")));
}

}  // namespace
}  // namespace evoke::checkpoint

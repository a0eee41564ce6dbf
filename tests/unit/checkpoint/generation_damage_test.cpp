#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>

#include <functional>

#include "checkpoint/seal.hpp"
#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/core/random.hpp"
#include "support/sample_generation.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;

/// A sound file, and copies of it with something wrong.
class GenerationDamage : public testing::Test {
protected:
    GenerationDamage() {
        write_generation(folder / "sound.h5", test::sample_generation(3, ""));
        sound = read_text_file(folder / "sound.h5");
    }

    /// What the reader says about a file of this content.
    std::string verdict(const std::string& content, GenerationFault expected) {
        const auto path = folder.write("copy.h5", content);
        try {
            (void)read_generation(path);
        } catch (const GenerationError& error) {
            EXPECT_EQ(error.fault(), expected) << error.what();
            return error.what();
        }
        return "sound";
    }

    /// The file after a change made with the HDF5 library, with a fresh seal: what a program that
    /// knows the format, but another version of it, might write.
    std::string edited(const std::function<void(hid_t)>& edit, SealVersion version = {1, 0}) {
        const auto image = folder.write("image.h5", sound.substr(seal_size));
        const hid_t file = H5Fopen(image.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
        EXPECT_GE(file, 0);
        edit(file);
        EXPECT_GE(H5Fclose(file), 0);
        const std::string content = read_text_file(image);
        return make_seal(version, as_bytes(content)) + content;
    }

    TemporaryFolder folder;
    std::string sound;
};

void write_number(hid_t file, const char* path, hid_t type, const void* value) {
    const hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    EXPECT_GE(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value), 0);
    H5Dclose(dataset);
}

TEST_F(GenerationDamage, the_sound_file_is_sound) {
    EXPECT_EQ(verdict(sound, GenerationFault::damaged), "sound");
    EXPECT_EQ(verdict(edited([](hid_t) {}), GenerationFault::damaged), "sound");
}

TEST_F(GenerationDamage, truncated_anywhere_says_so) {
    for (std::size_t size = 0; size < sound.size(); size += size < 600 ? 1 : 211)
        EXPECT_THAT(verdict(sound.substr(0, size), GenerationFault::damaged),
                    HasSubstr("truncated: " + std::to_string(size)));
}

TEST_F(GenerationDamage, a_flipped_bit_anywhere_is_found) {
    for (std::size_t offset = 0; offset < sound.size(); offset += offset < 1024 ? 1 : 53) {
        std::string copy = sound;
        const auto bit = static_cast<unsigned>(offset % 8);
        copy[offset] = static_cast<char>(copy[offset] ^ (1U << bit));
        EXPECT_NE(verdict(copy, GenerationFault::damaged), "sound") << offset;
    }
}

TEST_F(GenerationDamage, pages_of_zeros_and_noise_are_found) {
    for (std::uint32_t round = 0; round < 200; ++round) {
        const RandomKey key{.seed = 3, .generation = round};
        std::string copy = sound;
        const std::size_t offset = random_below(key, 0, copy.size());
        const std::size_t size =
            std::min<std::size_t>(copy.size() - offset, 1 + random_below(key, 1, 4096));
        for (std::size_t i = 0; i < size; ++i)
            copy[offset + i] =
                round % 2 == 0
                    ? '\0'
                    : static_cast<char>(random_below(key, static_cast<std::uint32_t>(i) + 2, 256));
        if (copy == sound) continue;
        EXPECT_NE(verdict(copy, GenerationFault::damaged), "sound") << round;
    }
}

TEST_F(GenerationDamage, an_unknown_major_version_is_refused_by_name_and_is_not_damage) {
    EXPECT_THAT(verdict(edited([](hid_t) {}, {2, 3}), GenerationFault::unknown_version),
                HasSubstr("is of format 2.3; this program reads format 1.x"));
}

TEST_F(GenerationDamage, a_file_of_an_unknown_major_version_need_not_be_hdf5) {
    EXPECT_THAT(verdict(make_seal({9, 0}, as_bytes("something new")) + "something new",
                        GenerationFault::unknown_version),
                HasSubstr("is of format 9.0"));
}

TEST_F(GenerationDamage, an_unknown_minor_version_is_read_and_what_it_adds_passed_over) {
    const std::string newer = edited(
        [](hid_t file) {
            const hid_t space = H5Screate(H5S_SCALAR);
            const hid_t number = H5Dcreate2(file, "/scores/novelty", H5T_STD_U32LE, space,
                                            H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            EXPECT_GE(number, 0);
            H5Dclose(number);
            const hid_t group = H5Gcreate2(file, "/islands", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            EXPECT_GE(group, 0);
            H5Gclose(group);
            H5Sclose(space);
        },
        {1, 7});
    EXPECT_EQ(verdict(newer, GenerationFault::damaged), "sound");
}

TEST_F(GenerationDamage, a_change_under_a_fresh_seal_is_found_by_the_digest) {
    const std::string changed = edited([](hid_t file) {
        const std::uint64_t evaluations = 1;
        write_number(file, "/statistics/evaluations", H5T_NATIVE_UINT64, &evaluations);
    });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged),
                HasSubstr("its digest does not fit its content"));
}

TEST_F(GenerationDamage, a_missing_column_is_named) {
    const std::string changed =
        edited([](hid_t file) { EXPECT_GE(H5Ldelete(file, "/scores/status", H5P_DEFAULT), 0); });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged), HasSubstr("/scores/status"));
}

TEST_F(GenerationDamage, offsets_beyond_their_values_are_named) {
    const std::string changed = edited([](hid_t file) {
        const std::vector<std::uint64_t> offsets{0, 1, 1ULL << 60U, 3, 4, 5, 6};
        write_number(file, "/population/instruction/offsets", H5T_NATIVE_UINT64, offsets.data());
    });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged),
                HasSubstr("/population/instruction has offsets that do not fit its values"));
}

TEST_F(GenerationDamage, an_unknown_verdict_is_named) {
    const std::string changed = edited([](hid_t file) {
        const std::vector<std::uint8_t> verdicts{0, 200};
        write_number(file, "/proposals/verdict", H5T_NATIVE_UINT8, verdicts.data());
    });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged),
                HasSubstr("/proposals/verdict has the unknown value 200"));
}

TEST_F(GenerationDamage, a_row_that_names_no_list_of_examples_is_named) {
    const std::string changed = edited([](hid_t file) {
        const std::vector<std::uint32_t> lists(7, 4000000000U);
        write_number(file, "/scores/examples", H5T_NATIVE_UINT32, lists.data());
    });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged),
                HasSubstr("/scores/examples names a list that is not there"));
}

TEST_F(GenerationDamage, a_column_that_claims_to_be_huge_takes_no_memory) {
    const std::string changed = edited([](hid_t file) {
        EXPECT_GE(H5Ldelete(file, "/seen/hash", H5P_DEFAULT), 0);
        const hsize_t extent[2] = {hsize_t{1} << 40U, 2};
        const hsize_t chunk[2] = {1024, 2};
        const hid_t space = H5Screate_simple(2, extent, nullptr);
        const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(properties, 2, chunk);
        const hid_t dataset = H5Dcreate2(file, "/seen/hash", H5T_STD_U64LE, space, H5P_DEFAULT,
                                         properties, H5P_DEFAULT);
        EXPECT_GE(dataset, 0);
        H5Dclose(dataset);
        H5Pclose(properties);
        H5Sclose(space);
    });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged),
                HasSubstr("/seen/hash is larger than the file can hold"));
}

TEST_F(GenerationDamage, a_column_of_another_type_is_named) {
    const std::string changed = edited([](hid_t file) {
        EXPECT_GE(H5Ldelete(file, "/scores/seconds", H5P_DEFAULT), 0);
        EXPECT_GE(
            H5Lcreate_soft("/scores/status", file, "/scores/seconds", H5P_DEFAULT, H5P_DEFAULT), 0);
    });
    EXPECT_THAT(verdict(changed, GenerationFault::damaged),
                HasSubstr("/scores/seconds is of another type"));
}

TEST_F(GenerationDamage, what_is_not_hdf5_under_a_seal_is_damage) {
    EXPECT_THAT(
        verdict(make_seal({1, 0}, as_bytes("no hdf5")) + "no hdf5", GenerationFault::damaged),
        HasSubstr("cannot be opened"));
}

TEST_F(GenerationDamage, what_is_not_a_file_is_unreadable_and_waited_for_by_nobody) {
    const auto fault_of = [](const std::filesystem::path& path) {
        try {
            (void)read_generation(path);
        } catch (const GenerationError& error) {
            return error.fault();
        }
        return GenerationFault::damaged;
    };
    EXPECT_EQ(fault_of(folder / "none.h5"), GenerationFault::unreadable);
    EXPECT_EQ(fault_of(folder.path()), GenerationFault::unreadable);
    ASSERT_EQ(::mkfifo((folder / "pipe.h5").c_str(), 0600), 0);
    EXPECT_EQ(fault_of(folder / "pipe.h5"), GenerationFault::unreadable);
}

TEST_F(GenerationDamage, the_library_prints_nothing_and_its_own_printing_comes_back) {
    testing::internal::CaptureStderr();
    (void)verdict(make_seal({1, 0}, as_bytes("no hdf5")) + "no hdf5", GenerationFault::damaged);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    testing::internal::CaptureStderr();
    H5Fopen("there is no such file", H5F_ACC_RDONLY, H5P_DEFAULT);
    EXPECT_NE(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace evoke::checkpoint

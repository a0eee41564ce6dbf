#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace evoke::config {

/// A folder with a model, data and a job that is right; gone with the object.
class JobFolder {
public:
    JobFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "evoke-job-XXXXXX").string();
        path_ = mkdtemp(name.data());
        std::filesystem::create_directory(path_ / "model");
        write("dev.jsonl", "{}\n");
    }
    ~JobFolder() { std::filesystem::remove_all(path_); }
    JobFolder(const JobFolder&) = delete;
    JobFolder& operator=(const JobFolder&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& content) const {
        std::ofstream{path_ / name} << content;
        return path_ / name;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline const std::string good_job = R"([run]
name = "small"
seed = 7
[model]
path = "model"
[task]
dev = "dev.jsonl"
[search]
population = 4
[objectives]
prompt_tokens = "min"
accuracy = "max"
)";

}  // namespace evoke::config

// How long encoding takes, on one thread. Usage: encode_time FOLDER LINES ROUNDS
// LINES: a JSON list of strings. Prints {"seconds": […], "ids", "bytes"}, processor time: each
// round encodes all lines; the first round begins with empty caches.

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "evoke/text/tokenizer.hpp"

int main(int count, char** arguments) {
    if (count != 4) return 2;
    try {
        const auto tokenizer = evoke::text::load_tokenizer(arguments[1]);
        const auto lines = nlohmann::json::parse(evoke::read_text_file(arguments[2]))
                               .get<std::vector<std::string>>();
        std::vector<double> seconds;
        std::size_t ids = 0;
        std::size_t bytes = 0;
        for (int round = 0; round < std::atoi(arguments[3]); ++round) {
            ids = 0;
            bytes = 0;
            const std::clock_t start = std::clock();
            for (const std::string& line : lines) {
                ids += tokenizer->encode(line, true).size();
                bytes += line.size();
            }
            const double taken = static_cast<double>(std::clock() - start);
            seconds.push_back(taken / CLOCKS_PER_SEC);
        }
        std::cout << nlohmann::json{{"seconds", seconds}, {"ids", ids}, {"bytes", bytes}} << '\n';
    } catch (const evoke::Error& error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.code());
    }
}

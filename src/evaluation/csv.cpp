#include "evaluation/csv.hpp"

#include <utility>

#include "evaluation/utf8.hpp"

namespace evoke::evaluation {

namespace {

class CsvReader {
public:
    CsvReader(std::string_view text, FileMistakes& mistakes) : text_{text}, mistakes_{mistakes} {}

    std::vector<CsvRecord> read() {
        std::vector<CsvRecord> records;
        while (position_ < text_.size()) {
            CsvRecord next = record();
            if (!(next.fields.size() == 1 && next.fields[0].empty())) {
                records.push_back(std::move(next));
            }
        }
        return records;
    }

private:
    CsvRecord record() {
        CsvRecord record{.line = line_, .fields = {}};
        while (true) {
            record.fields.push_back(at('"') ? quoted_field() : plain_field());
            if (!at(',')) break;
            ++position_;
        }
        end_of_line();
        return record;
    }

    std::string plain_field() {
        const std::size_t start = position_;
        while (!at(',') && !at_line_end()) ++position_;
        return std::string{text_.substr(start, position_ - start)};
    }

    std::string quoted_field() {
        const std::size_t opened_on = line_;
        std::string field;
        ++position_;
        while (true) {
            if (position_ == text_.size()) {
                mistakes_.add(opened_on, "", "a closing quote before the end of the file",
                              "a field that begins with " + in_quotes("\"" + field, 40));
                return field;
            }
            const char c = text_[position_++];
            if (c == '\n') ++line_;
            if (c != '"') {
                field += c;
            } else if (at('"')) {
                field += '"';
                ++position_;
            } else {
                break;
            }
        }
        const std::string rest = plain_field();
        if (!rest.empty()) {
            mistakes_.add(line_, "", "a comma or the end of the line after a closing quote",
                          in_quotes(rest), "a quote inside a quoted field is written twice");
        }
        return field;
    }

    void end_of_line() {
        if (at('\r')) ++position_;
        if (at('\n')) ++position_;
        ++line_;
    }

    [[nodiscard]] bool at(char c) const {
        return position_ < text_.size() && text_[position_] == c;
    }
    [[nodiscard]] bool at_line_end() const {
        if (position_ == text_.size() || at('\n')) return true;
        return at('\r') && (position_ + 1 == text_.size() || text_[position_ + 1] == '\n');
    }

    std::string_view text_;
    FileMistakes& mistakes_;
    std::size_t position_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

std::vector<CsvRecord> read_csv(std::string_view text, FileMistakes& mistakes) {
    return CsvReader{text, mistakes}.read();
}

}  // namespace evoke::evaluation

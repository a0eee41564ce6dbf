#include "text/jinja/globals.hpp"

#include <ctime>
#include <iterator>
#include <locale>
#include <sstream>

#include "text/jinja/effort.hpp"
#include "text/jinja/spelling.hpp"

namespace evoke::text::jinja {

namespace {

Value range(const Arguments& arguments) {
    const auto& given = arguments.positional;
    if (given.empty() || given.size() > 3) throw RenderError{"range takes one to three integers"};
    const std::int64_t start = given.size() > 1 ? given[0].integer("range's start") : 0;
    const std::int64_t stop = given[given.size() > 1 ? 1 : 0].integer("range's stop");
    const std::int64_t step = given.size() > 2 ? given[2].integer("range's step") : 1;
    if (step == 0) throw RenderError{"range's step is zero"};
    List list;
    for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step) {
        require_length(list.items.size() + 1, longest_list);
        list.items.emplace_back(i);
        // The next step would leave the integers' range.
        if (step > 0 ? i > INT64_MAX - step : i < INT64_MIN - step) break;
    }
    return list;
}

Dict dict_of(const Arguments& arguments) {
    Dict dict;
    if (!arguments.positional.empty()) {
        const Dict* given = arguments.positional.front().dict();
        if (given == nullptr) throw RenderError{"dict and namespace take a mapping or names"};
        dict = *given;
    }
    for (const auto& [name, value] : arguments.named) dict.set(name, value);
    return dict;
}

Value name_space(const Arguments& arguments) {
    auto space = std::make_shared<Namespace>();
    for (const auto& [name, value] : dict_of(arguments).items) {
        space->set(to_text(name), value);
    }
    return space;
}

Value formatted_date(const Arguments& arguments, std::chrono::year_month_day today) {
    const std::string format = to_text(arguments.at(0, "format"));
    const std::chrono::weekday weekday{std::chrono::sys_days{today}};
    const auto day_of_year = std::chrono::sys_days{today} -
                             std::chrono::sys_days{today.year() / std::chrono::January / 1};
    std::tm date{};
    date.tm_year = static_cast<int>(today.year()) - 1900;
    date.tm_mon = static_cast<int>(static_cast<unsigned>(today.month())) - 1;
    date.tm_mday = static_cast<int>(static_cast<unsigned>(today.day()));
    date.tm_wday = static_cast<int>(weekday.c_encoding());
    date.tm_yday = static_cast<int>(day_of_year.count());
    std::ostringstream text;
    const auto& writer = std::use_facet<std::time_put<char>>(std::locale::classic());
    writer.put(std::ostreambuf_iterator<char>{text}, text, ' ', &date, format.data(),
               format.data() + format.size());
    return text.str();
}

}  // namespace

void add_globals(Scope& scope, std::chrono::year_month_day today) {
    scope.set("range", Function{"range", range});
    scope.set("dict",
              Function{"dict", [](const Arguments& given) -> Value { return dict_of(given); }});
    scope.set("namespace", Function{"namespace", name_space});
    scope.set("raise_exception", Function{"raise_exception", [](const Arguments& given) -> Value {
                                              throw Refusal{to_text(given.at(0, "message"))};
                                          }});
    scope.set("strftime_now", Function{"strftime_now", [today](const Arguments& given) {
                                           return formatted_date(given, today);
                                       }});
}

}  // namespace evoke::text::jinja

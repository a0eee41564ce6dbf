#include <algorithm>
#include <array>
#include <cmath>

#include "text/jinja/filters.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/operators.hpp"
#include "text/jinja/spelling.hpp"
#include "text/unicode.hpp"

namespace evoke::text::jinja {

namespace {

template <Comparison comparison>
bool compares(const Value& input, const Arguments& arguments) {
    return compare(comparison, input, arguments.at(0, "other"));
}

std::int64_t remainder(const Value& input, std::int64_t divisor) {
    if (divisor == 0) throw RenderError{"division by zero"};
    // Dividing the smallest integer by -1 would leave the range.
    return divisor == -1 ? 0 : input.integer("the tested value") % divisor;
}

bool is_iterable(const Value& value) {
    return value.is_undefined() || value.is_string() || value.list() != nullptr ||
           value.dict() != nullptr;
}

bool is_sequence(const Value& value) {
    const List* list = value.list();
    return is_iterable(value) && (list == nullptr || list->kind != List::Kind::generator);
}

bool is_same(const Value& input, const Value& other) {
    return input.type_name() == other.type_name() && equal(input, other);
}

struct NamedTest {
    std::string_view name;
    Test test;
};

constexpr std::array<NamedTest, 39> tests{{
    {"defined", [](const Value& v, const Arguments&) { return !v.is_undefined(); }},
    {"undefined", [](const Value& v, const Arguments&) { return v.is_undefined(); }},
    {"none", [](const Value& v, const Arguments&) { return v.is_none(); }},
    {"true", [](const Value& v, const Arguments&) { return v.is_bool() && v.truth(); }},
    {"false", [](const Value& v, const Arguments&) { return v.is_bool() && !v.truth(); }},
    {"boolean", [](const Value& v, const Arguments&) { return v.is_bool(); }},
    {"integer", [](const Value& v, const Arguments&) { return v.is_integer(); }},
    {"float", [](const Value& v, const Arguments&) { return v.is_float(); }},
    {"number", [](const Value& v, const Arguments&) { return v.is_number(); }},
    {"string", [](const Value& v, const Arguments&) { return v.is_string(); }},
    {"mapping", [](const Value& v, const Arguments&) { return v.dict() != nullptr; }},
    {"sequence", [](const Value& v, const Arguments&) { return is_sequence(v); }},
    {"iterable", [](const Value& v, const Arguments&) { return is_iterable(v); }},
    {"callable", [](const Value& v, const Arguments&) { return v.function() != nullptr; }},
    {"sameas", [](const Value& v, const Arguments& a) { return is_same(v, a.at(0, "other")); }},
    {"odd", [](const Value& v, const Arguments&) { return remainder(v, 2) != 0; }},
    {"even", [](const Value& v, const Arguments&) { return remainder(v, 2) == 0; }},
    {"divisibleby",
     [](const Value& v, const Arguments& a) {
         return remainder(v, a.at(0, "num").integer("the divisor")) == 0;
     }},
    {"lower",
     [](const Value& v, const Arguments&) {
         const std::string text = to_text(v);
         return lowercase(text) == text && upper(text) != text;
     }},
    {"upper",
     [](const Value& v, const Arguments&) {
         const std::string text = to_text(v);
         return upper(text) == text && lowercase(text) != text;
     }},
    {"filter", [](const Value& v, const Arguments&) { return find_filter(to_text(v)) != nullptr; }},
    {"test", [](const Value& v, const Arguments&) { return find_test(to_text(v)) != nullptr; }},
    {"in", compares<Comparison::in>},
    {"==", compares<Comparison::equal>},
    {"eq", compares<Comparison::equal>},
    {"equalto", compares<Comparison::equal>},
    {"!=", compares<Comparison::not_equal>},
    {"ne", compares<Comparison::not_equal>},
    {"<", compares<Comparison::less>},
    {"lt", compares<Comparison::less>},
    {"lessthan", compares<Comparison::less>},
    {"<=", compares<Comparison::less_equal>},
    {"le", compares<Comparison::less_equal>},
    {">", compares<Comparison::greater>},
    {"gt", compares<Comparison::greater>},
    {"greaterthan", compares<Comparison::greater>},
    {">=", compares<Comparison::greater_equal>},
    {"ge", compares<Comparison::greater_equal>},
    {"escaped", [](const Value&, const Arguments&) { return false; }},
}};

}  // namespace

Test find_test(std::string_view name) {
    const auto found = std::find_if(tests.begin(), tests.end(),
                                    [name](const NamedTest& test) { return test.name == name; });
    return found == tests.end() ? nullptr : found->test;
}

}  // namespace evoke::text::jinja

#include "text/jinja/list_filters.hpp"

#include <algorithm>

#include "text/jinja/effort.hpp"
#include "text/jinja/filters.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/operators.hpp"
#include "text/jinja/spelling.hpp"
#include "text/unicode.hpp"

namespace evoke::text::jinja {

namespace {

/// "a.b.0": member after member; a part of digits is an index.
Value member_at(const Value& input, const Value& path) {
    if (!path.is_string()) return item(input, path);
    Value value = input;
    std::string rest = *path.string();
    while (true) {
        const std::size_t dot = rest.find('.');
        const std::string part = rest.substr(0, dot);
        const bool index = !part.empty() && part.size() < 10 &&
                           part.find_first_not_of("0123456789") == std::string::npos;
        value = item(value, index ? Value{std::stoi(part)} : Value{part});
        if (dot == std::string::npos) return value;
        rest = rest.substr(dot + 1);
    }
}

/// What a sorting filter compares: small letters unless asked otherwise.
Value sort_key(const Value& value, bool case_sensitive) {
    return value.is_string() && !case_sensitive ? Value{lowercase(*value.string())} : value;
}

bool flag(const Arguments& arguments, std::size_t position, std::string_view name) {
    const Value* value = arguments.find(position, name);
    return value != nullptr && value->truth();
}

const Value* given(const Arguments& arguments, std::size_t position, std::string_view name) {
    const Value* value = arguments.find(position, name);
    return value == nullptr || value->is_none() ? nullptr : value;
}

Arguments without_first(const Arguments& arguments, std::size_t count) {
    Arguments rest;
    const auto begin = arguments.positional.begin();
    const std::size_t drop = std::min(count, arguments.positional.size());
    rest.positional.assign(begin + static_cast<std::ptrdiff_t>(drop), arguments.positional.end());
    return rest;
}

struct Selection {
    bool by_attribute;
    bool keep;  ///< what the test must say
};

Value select(const Value& input, const Arguments& arguments, Selection selection) {
    const std::size_t skipped = selection.by_attribute ? 1 : 0;
    Test test = nullptr;
    if (arguments.positional.size() > skipped) {
        const std::string name = to_text(arguments.positional[skipped]);
        test = find_test(name);
        if (test == nullptr) throw RenderError{"the test '" + name + "' is not supported"};
    }
    const Arguments rest = without_first(arguments, skipped + 1);
    List kept{{}, List::Kind::generator};
    for (const Value& entry : iterate(input)) {
        const Value value =
            selection.by_attribute ? member_at(entry, arguments.at(0, "attribute")) : entry;
        const bool holds = test == nullptr ? value.truth() : test(value, rest);
        if (holds == selection.keep) kept.items.push_back(entry);
    }
    return kept;
}

Value extreme(const Value& input, const Arguments& arguments, bool want_largest) {
    const bool case_sensitive = flag(arguments, 0, "case_sensitive");
    const Value* attribute = given(arguments, 1, "attribute");
    const auto key = [&](const Value& value) {
        return sort_key(attribute ? member_at(value, *attribute) : value, case_sensitive);
    };
    const auto items = iterate(input);
    if (items.empty()) return Undefined{"the extreme of nothing"};
    const Value* best = &items.front();
    for (const Value& item : items) {
        const bool better =
            want_largest ? less(key(*best), key(item)) : less(key(item), key(*best));
        if (better) best = &item;
    }
    return *best;
}

}  // namespace

Value to_list(const Value& input, const Arguments&) {
    return List{iterate(input)};
}

Value to_items(const Value& input, const Arguments&) {
    if (input.is_undefined()) return List{{}, List::Kind::generator};
    if (input.dict() == nullptr) throw RenderError{"items of something that is not a mapping"};
    List pairs{{}, List::Kind::generator};
    for (const auto& [key, value] : input.dict()->items) {
        pairs.items.emplace_back(List{{key, value}, List::Kind::tuple});
    }
    return pairs;
}

Value first_item(const Value& input, const Arguments&) {
    const auto items = iterate(input);
    return items.empty() ? Value{Undefined{"the first of nothing"}} : items.front();
}

Value last_item(const Value& input, const Arguments&) {
    const auto items = iterate(input);
    return items.empty() ? Value{Undefined{"the last of nothing"}} : items.back();
}

Value join(const Value& input, const Arguments& arguments) {
    const Value* separator = arguments.find(0, "d");
    const Value* attribute = given(arguments, 1, "attribute");
    std::string text;
    bool first = true;
    for (const Value& entry : iterate(input)) {
        if (!first && separator != nullptr) grow(text, to_text(*separator));
        grow(text, to_text(attribute ? member_at(entry, *attribute) : entry));
        first = false;
    }
    return text;
}

Value reversed(const Value& input, const Arguments&) {
    auto items = iterate(input);
    std::reverse(items.begin(), items.end());
    if (!input.is_string()) return List{std::move(items), List::Kind::generator};
    std::string text;
    for (const Value& item : items) text += *item.string();
    return text;
}

Value unique(const Value& input, const Arguments& arguments) {
    const bool case_sensitive = flag(arguments, 0, "case_sensitive");
    const Value* attribute = given(arguments, 1, "attribute");
    std::vector<Value> seen;
    List kept{{}, List::Kind::generator};
    for (const Value& entry : iterate(input)) {
        Value key = sort_key(attribute ? member_at(entry, *attribute) : entry, case_sensitive);
        Effort::spend(seen.size());
        const bool known = std::any_of(seen.begin(), seen.end(),
                                       [&](const Value& other) { return equal(other, key); });
        if (known) continue;
        seen.push_back(std::move(key));
        kept.items.push_back(entry);
    }
    return kept;
}

Value sorted(const Value& input, const Arguments& arguments) {
    const bool reverse = flag(arguments, 0, "reverse");
    const bool case_sensitive = flag(arguments, 1, "case_sensitive");
    const Value* attribute = given(arguments, 2, "attribute");
    const auto key = [&](const Value& value) {
        return sort_key(attribute ? member_at(value, *attribute) : value, case_sensitive);
    };
    auto items = iterate(input);
    // Equal ones keep their order, in reverse too.
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
        return reverse ? less(key(b), key(a)) : less(key(a), key(b));
    });
    return List{std::move(items)};
}

Value dict_sorted(const Value& input, const Arguments& arguments) {
    if (input.dict() == nullptr) throw RenderError{"dictsort of something that is not a mapping"};
    const bool case_sensitive = flag(arguments, 0, "case_sensitive");
    const Value* by = given(arguments, 1, "by");
    const bool by_value = by != nullptr && to_text(*by) == "value";
    const bool reverse = flag(arguments, 2, "reverse");
    auto items = input.dict()->items;
    std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
        const Value left = sort_key(by_value ? a.second : a.first, case_sensitive);
        const Value right = sort_key(by_value ? b.second : b.first, case_sensitive);
        return reverse ? less(right, left) : less(left, right);
    });
    List pairs;
    for (const auto& [key, value] : items) {
        pairs.items.emplace_back(List{{key, value}, List::Kind::tuple});
    }
    return pairs;
}

Value mapped(const Value& input, const Arguments& arguments) {
    List result{{}, List::Kind::generator};
    const bool by_attribute = arguments.positional.empty();
    if (by_attribute) {
        const Value& path = arguments.at(0, "attribute");
        const Value* fallback = arguments.find(1, "default");
        for (const Value& entry : iterate(input)) {
            Value value = member_at(entry, path);
            if (value.is_undefined() && fallback != nullptr) value = *fallback;
            result.items.push_back(std::move(value));
        }
        return result;
    }
    const std::string name = to_text(arguments.positional[0]);
    const Filter filter = find_filter(name);
    if (filter == nullptr) throw RenderError{"the filter '" + name + "' is not supported"};
    Arguments rest = without_first(arguments, 1);
    rest.named = arguments.named;
    for (const Value& entry : iterate(input)) result.items.push_back(filter(entry, rest));
    return result;
}

Value selected(const Value& input, const Arguments& arguments) {
    return select(input, arguments, {.by_attribute = false, .keep = true});
}

Value rejected(const Value& input, const Arguments& arguments) {
    return select(input, arguments, {.by_attribute = false, .keep = false});
}

Value selected_by_attribute(const Value& input, const Arguments& arguments) {
    return select(input, arguments, {.by_attribute = true, .keep = true});
}

Value rejected_by_attribute(const Value& input, const Arguments& arguments) {
    return select(input, arguments, {.by_attribute = true, .keep = false});
}

Value smallest(const Value& input, const Arguments& arguments) {
    return extreme(input, arguments, false);
}

Value largest(const Value& input, const Arguments& arguments) {
    return extreme(input, arguments, true);
}

Value sum(const Value& input, const Arguments& arguments) {
    const Value* attribute = given(arguments, 0, "attribute");
    const Value* start = arguments.find(1, "start");
    Value total = start == nullptr ? Value{0} : *start;
    for (const Value& entry : iterate(input)) {
        total =
            combine(BinaryOperator::add, total, attribute ? member_at(entry, *attribute) : entry);
    }
    return total;
}

Value grouped(const Value& input, const Arguments& arguments) {
    const Value& path = arguments.at(0, "attribute");
    const Value ordered = sorted(input, Arguments{{}, {{"attribute", path}}});
    List groups;
    Value last_key;
    std::vector<Value> members;
    const auto flush = [&] {
        if (members.empty()) return;
        groups.items.emplace_back(
            List{{member_at(members.front(), path), List{members}}, List::Kind::tuple});
        members.clear();
    };
    for (const Value& entry : ordered.list()->items) {
        Value key = sort_key(member_at(entry, path), false);
        if (!members.empty() && !equal(key, last_key)) flush();
        last_key = std::move(key);
        members.push_back(entry);
    }
    flush();
    return groups;
}

}  // namespace evoke::text::jinja

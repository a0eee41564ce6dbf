#include "text/jinja/value.hpp"

#include <algorithm>
#include <cmath>

#include "text/jinja/effort.hpp"
#include "text/jinja/methods.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

constexpr std::size_t deepest = 100;
/// What an item costs beside its content.
constexpr std::size_t item_weight = 64;

void include(Extent& whole, const Value& part) {
    const Extent extent = part.extent();
    whole.weight += extent.weight + item_weight;
    whole.depth = std::max(whole.depth, extent.depth + 1);
    whole.has_namespace = whole.has_namespace || extent.has_namespace;
}

void require_bounded(const Extent& extent) {
    if (extent.depth > deepest) throw RenderError{"values are nested too deeply"};
    require_length(extent.weight, longest_text + item_weight * longest_list);
    Effort::spend(extent.weight);
}

}  // namespace

Value::Value(std::string value) : storage_{std::move(value)} {
    const std::size_t size = std::get<std::string>(storage_).size();
    require_length(size, longest_text);
    Effort::spend(size);
}

Value::Value(List value) {
    require_length(value.items.size(), longest_list);
    value.extent = {};
    for (const Value& item : value.items) include(value.extent, item);
    require_bounded(value.extent);
    storage_ = std::make_shared<const List>(std::move(value));
}

Value::Value(Dict value) {
    require_length(value.items.size(), longest_list);
    value.extent = {};
    for (const auto& [key, item] : value.items) {
        include(value.extent, key);
        include(value.extent, item);
    }
    require_bounded(value.extent);
    storage_ = std::make_shared<const Dict>(std::move(value));
}

Extent Value::extent() const {
    if (const std::string* text = string()) return {.weight = text->size()};
    if (const List* items = list()) return items->extent;
    if (const Dict* items = dict()) return items->extent;
    if (name_space() != nullptr) return {.depth = 1, .has_namespace = true};
    return function() != nullptr ? function()->extent : Extent{};
}

void Namespace::set(std::string name, Value value) {
    if (value.extent().has_namespace)
        throw RenderError{"a namespace inside a namespace is not supported"};
    members.set(std::move(name), std::move(value));
}

const Value* Dict::find(const Value& key) const {
    Effort::spend(items.size());
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const auto& entry) { return equal(entry.first, key); });
    return found == items.end() ? nullptr : &found->second;
}

const Value* Dict::find(std::string_view key) const {
    const auto found = std::find_if(items.begin(), items.end(), [&](const auto& entry) {
        const std::string* name = entry.first.string();
        return name != nullptr && *name == key;
    });
    return found == items.end() ? nullptr : &found->second;
}

void Dict::set(Value key, Value value) {
    Effort::spend(items.size());
    for (auto& [known, old] : items) {
        if (equal(known, key)) {
            old = std::move(value);
            return;
        }
    }
    items.emplace_back(std::move(key), std::move(value));
}

const Value* Arguments::find(std::size_t position, std::string_view name) const {
    if (position < positional.size()) return &positional[position];
    for (const auto& [given, value] : named) {
        if (given == name) return &value;
    }
    return nullptr;
}

const Value& Arguments::at(std::size_t position, std::string_view name) const {
    if (const Value* value = find(position, name)) return *value;
    throw RenderError{"the argument '" + std::string{name} + "' is missing"};
}

bool Value::truth() const {
    if (const bool* flag = boolean()) return *flag;
    if (is_number()) return as_double() != 0;
    if (const std::string* text = string()) return !text->empty();
    if (const List* items = list()) {
        return items->kind == List::Kind::generator || !items->items.empty();
    }
    if (const Dict* items = dict()) return !items->items.empty();
    return !is_undefined() && !is_none();
}

std::int64_t Value::integer(std::string_view purpose) const {
    if (const bool* flag = boolean()) return *flag ? 1 : 0;
    if (is_integer()) return std::get<std::int64_t>(storage_);
    throw RenderError{std::string{purpose} + " must be an integer, not " +
                      std::string{type_name()}};
}

double Value::as_double() const {
    if (is_float()) return std::get<double>(storage_);
    return static_cast<double>(integer("the number"));
}

std::string_view Value::type_name() const {
    if (is_none()) return "None";
    if (is_bool()) return "bool";
    if (is_integer()) return "int";
    if (is_float()) return "float";
    if (is_string()) return "str";
    if (const List* items = list()) {
        if (items->kind == List::Kind::list) return "list";
        return items->kind == List::Kind::tuple ? "tuple" : "generator";
    }
    if (dict() != nullptr) return "dict";
    if (name_space() != nullptr) return "namespace";
    return function() != nullptr ? "function" : "undefined";
}

bool equal(const Value& a, const Value& b) {
    Effort::spend(8);
    if (a.is_number() && b.is_number()) {
        if (a.is_float() || b.is_float()) return a.as_double() == b.as_double();
        return a.integer("") == b.integer("");
    }
    if (a.is_string() && b.is_string()) return *a.string() == *b.string();
    if (a.list() != nullptr && b.list() != nullptr) {
        return a.list()->kind == b.list()->kind &&
               std::equal(a.list()->items.begin(), a.list()->items.end(), b.list()->items.begin(),
                          b.list()->items.end(), equal);
    }
    if (a.dict() != nullptr && b.dict() != nullptr) {
        const auto& items = a.dict()->items;
        return items.size() == b.dict()->items.size() &&
               std::all_of(items.begin(), items.end(), [&](const auto& entry) {
                   const Value* other = b.dict()->find(entry.first);
                   return other != nullptr && equal(entry.second, *other);
               });
    }
    if (a.name_space() != nullptr) return a.name_space() == b.name_space();
    return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

bool less(const Value& a, const Value& b) {
    Effort::spend(8);
    if (a.is_number() && b.is_number()) {
        if (a.is_float() || b.is_float()) return a.as_double() < b.as_double();
        return a.integer("") < b.integer("");
    }
    // UTF-8 sorts like the characters it encodes.
    if (a.is_string() && b.is_string()) return *a.string() < *b.string();
    if (a.list() != nullptr && b.list() != nullptr) {
        return std::lexicographical_compare(a.list()->items.begin(), a.list()->items.end(),
                                            b.list()->items.begin(), b.list()->items.end(), less);
    }
    require_defined(a);
    require_defined(b);
    throw RenderError{std::string{a.type_name()} + " and " + std::string{b.type_name()} +
                      " cannot be ordered"};
}

std::vector<Value> iterate(const Value& value) {
    if (value.is_undefined()) return {};
    Effort::spend(value.extent().weight);
    if (const List* list = value.list()) return list->items;
    std::vector<Value> items;
    if (const Dict* dict = value.dict()) {
        for (const auto& entry : dict->items) items.push_back(entry.first);
    } else if (const std::string* text = value.string()) {
        const std::u32string characters = to_utf32(*text);
        require_length(characters.size(), longest_list);
        for (const char32_t c : characters) items.emplace_back(to_utf8(c));
    } else {
        throw RenderError{std::string{value.type_name()} + " is not iterable"};
    }
    return items;
}

std::size_t length(const Value& value) {
    if (value.is_undefined()) return 0;
    if (const std::string* text = value.string()) {
        Effort::spend(text->size());
        return to_utf32(*text).size();
    }
    if (const Dict* dict = value.dict()) return dict->items.size();
    const List* list = value.list();
    if (list == nullptr || list->kind == List::Kind::generator) {
        throw RenderError{std::string{value.type_name()} + " has no length"};
    }
    return list->items.size();
}

void require_defined(const Value& value) {
    if (const Undefined* undefined = value.undefined()) {
        throw RenderError{"'" + undefined->name + "' is undefined"};
    }
}

namespace {

/// What value[key] gives in Python, or nullptr-like undefined where it raises.
const Value* member(const Value& value, const Value& key) {
    if (const Dict* dict = value.dict()) return dict->find(key);
    if (const Namespace* space = value.name_space()) return space->members.find(key);
    return nullptr;
}

/// A sequence's element; negative indices count from the end.
Value element(const Value& value, const Value& key) {
    const Value missing{Undefined{"element"}};
    const bool indexed = key.is_integer() || key.is_bool();
    const bool sequence = value.is_string() ||
                          (value.list() != nullptr && value.list()->kind != List::Kind::generator);
    if (!indexed || !sequence) return missing;
    const auto size = static_cast<std::int64_t>(length(value));
    std::int64_t index = key.integer("an index");
    if (index < 0) index += size;
    if (index < 0 || index >= size) return missing;
    const auto at = static_cast<std::size_t>(index);
    if (const List* list = value.list()) return list->items[at];
    return to_utf8(to_utf32(*value.string())[at]);
}

}  // namespace

Value attribute(const Value& value, const std::string& name) {
    require_defined(value);
    if (const auto method = bind_method(value, name)) return *method;
    if (const Value* found = member(value, Value{name})) return *found;
    return Undefined{name};
}

Value item(const Value& value, const Value& key) {
    require_defined(value);
    if (const Value* found = member(value, key)) return *found;
    if (const Value found = element(value, key); !found.is_undefined()) return found;
    if (const std::string* name = key.string()) {
        if (const auto method = bind_method(value, *name)) return *method;
        return Undefined{*name};
    }
    return Undefined{"element"};
}

}  // namespace evoke::text::jinja

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace evoke::text::jinja {

/// Rendering cannot go on: what Python would raise.
class RenderError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Value;

/// What is inside a value: bounded, since values are walked by recursion, and one that contains
/// itself could neither be walked nor freed.
struct Extent {
    std::size_t weight = 0;  ///< about its bytes, what is shared counted each time
    std::size_t depth = 0;
    bool has_namespace = false;
};

/// A name or member that is not there. May be printed and tested, not computed with.
struct Undefined {
    std::string name;
};
struct None {};

/// A Python list, or something that is iterated like one.
struct List {
    enum class Kind { list, tuple, generator };
    std::vector<Value> items;
    Kind kind = Kind::list;
    Extent extent = {};  ///< set when it becomes a value
};

/// Keeps the order of insertion.
struct Dict {
    std::vector<std::pair<Value, Value>> items;
    Extent extent = {};  ///< set when it becomes a value

    [[nodiscard]] const Value* find(const Value& key) const;
    [[nodiscard]] const Value* find(std::string_view key) const;
    void set(Value key, Value value);
};

/// What namespace() makes: the only value whose members a template may change. Also the `loop` of a
/// for statement.
struct Namespace {
    Dict members;

    /// Throws RenderError for a value with a namespace inside.
    void set(std::string name, Value value);
};

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    /// The argument at `position` or called `name`; nullptr when neither is given.
    [[nodiscard]] const Value* find(std::size_t position, std::string_view name) const;
    /// Throws RenderError when it is not given.
    [[nodiscard]] const Value& at(std::size_t position, std::string_view name) const;
};

struct Function {
    std::string name;
    std::function<Value(const Arguments&)> call;
    Extent extent = {};  ///< of the value to which a method is bound
};

class Value {
public:
    using Storage = std::variant<Undefined, None, bool, std::int64_t, double, std::string,
                                 std::shared_ptr<const List>, std::shared_ptr<const Dict>,
                                 std::shared_ptr<Namespace>, std::shared_ptr<const Function>>;

    Value() : storage_{Undefined{}} {}
    Value(Undefined value) : storage_{std::move(value)} {}
    Value(None value) : storage_{value} {}
    Value(bool value) : storage_{value} {}
    Value(std::int64_t value) : storage_{value} {}
    Value(int value) : storage_{std::int64_t{value}} {}
    Value(std::size_t value) : storage_{static_cast<std::int64_t>(value)} {}
    Value(double value) : storage_{value} {}
    /// Throws RenderError when it is too long, as those of lists and dicts do.
    Value(std::string value);
    Value(std::string_view value) : Value{std::string{value}} {}
    Value(const char* value) : Value{std::string{value}} {}
    Value(List value);
    Value(Dict value);
    Value(std::shared_ptr<Namespace> value) : storage_{std::move(value)} {}
    Value(Function value) : storage_{std::make_shared<const Function>(std::move(value))} {}

    [[nodiscard]] bool is_undefined() const { return holds<Undefined>(); }
    [[nodiscard]] bool is_none() const { return holds<None>(); }
    [[nodiscard]] bool is_bool() const { return holds<bool>(); }
    [[nodiscard]] bool is_integer() const { return holds<std::int64_t>(); }
    [[nodiscard]] bool is_float() const { return holds<double>(); }
    /// Python's bool is a number too.
    [[nodiscard]] bool is_number() const { return is_bool() || is_integer() || is_float(); }
    [[nodiscard]] bool is_string() const { return holds<std::string>(); }

    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&storage_); }
    [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&storage_); }
    [[nodiscard]] const List* list() const { return pointee<const List>(); }
    [[nodiscard]] const Dict* dict() const { return pointee<const Dict>(); }
    [[nodiscard]] Namespace* name_space() const { return pointee<Namespace>(); }
    [[nodiscard]] const Function* function() const { return pointee<const Function>(); }
    [[nodiscard]] const Undefined* undefined() const { return std::get_if<Undefined>(&storage_); }

    /// Python's truth.
    [[nodiscard]] bool truth() const;
    /// An integer or bool; throws RenderError naming `purpose` for anything else.
    [[nodiscard]] std::int64_t integer(std::string_view purpose) const;
    /// Of a number.
    [[nodiscard]] double as_double() const;
    [[nodiscard]] Extent extent() const;
    /// Python's name of the type.
    [[nodiscard]] std::string_view type_name() const;

private:
    template <class T>
    [[nodiscard]] bool holds() const {
        return std::holds_alternative<T>(storage_);
    }
    template <class T>
    [[nodiscard]] T* pointee() const {
        const auto* pointer = std::get_if<std::shared_ptr<T>>(&storage_);
        return pointer ? pointer->get() : nullptr;
    }

    Storage storage_;
};

[[nodiscard]] bool equal(const Value& a, const Value& b);
/// Throws RenderError when Python would not compare the two.
[[nodiscard]] bool less(const Value& a, const Value& b);

/// The items that a for statement would see: those of a list, the keys of a dict, the characters of
/// a string. Throws RenderError for what is not iterable.
[[nodiscard]] std::vector<Value> iterate(const Value& value);
/// Throws RenderError for what has no length.
[[nodiscard]] std::size_t length(const Value& value);

/// value.name and value[key], as templates look them up: undefined when there is no such thing.
[[nodiscard]] Value attribute(const Value& value, const std::string& name);
[[nodiscard]] Value item(const Value& value, const Value& key);

/// Throws RenderError when `value` may not be used at all.
void require_defined(const Value& value);

}  // namespace evoke::text::jinja

#include "text/jinja/operators.hpp"

#include <algorithm>
#include <cmath>

#include "text/jinja/effort.hpp"
#include "text/jinja/spelling.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

[[noreturn]] void refuse(std::string_view sign, const Value& left, const Value& right) {
    require_defined(left);
    require_defined(right);
    throw RenderError{std::string{left.type_name()} + " " + std::string{sign} + " " +
                      std::string{right.type_name()} + " has no meaning"};
}

void refuse_overflow(bool overflow) {
    if (overflow) throw RenderError{"an integer leaves its range"};
}

/// Python rounds the quotient down.
std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    refuse_overflow(b == -1 && a == INT64_MIN);
    const std::int64_t quotient = a / b;
    return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

Value integer_arithmetic(BinaryOperator op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case BinaryOperator::add:
            refuse_overflow(__builtin_add_overflow(a, b, &result));
            return result;
        case BinaryOperator::subtract:
            refuse_overflow(__builtin_sub_overflow(a, b, &result));
            return result;
        case BinaryOperator::multiply:
            refuse_overflow(__builtin_mul_overflow(a, b, &result));
            return result;
        case BinaryOperator::power: {
            const double power = std::pow(static_cast<double>(a), static_cast<double>(b));
            if (b < 0) return power;
            // Up to here a double holds every integer.
            refuse_overflow(std::abs(power) > 9e15);
            return static_cast<std::int64_t>(power);
        }
        default:
            break;
    }
    if (b == 0) throw RenderError{"division by zero"};
    if (op == BinaryOperator::divide) return static_cast<double>(a) / static_cast<double>(b);
    const std::int64_t quotient = floor_divide(a, b);
    return op == BinaryOperator::floor_divide ? quotient : a - quotient * b;
}

Value float_arithmetic(BinaryOperator op, double a, double b) {
    switch (op) {
        case BinaryOperator::add:
            return a + b;
        case BinaryOperator::subtract:
            return a - b;
        case BinaryOperator::multiply:
            return a * b;
        case BinaryOperator::power:
            return std::pow(a, b);
        default:
            break;
    }
    if (b == 0) throw RenderError{"division by zero"};
    if (op == BinaryOperator::divide) return a / b;
    const double quotient = std::floor(a / b);
    return op == BinaryOperator::floor_divide ? quotient : a - quotient * b;
}

std::string_view sign_of(BinaryOperator op) {
    switch (op) {
        case BinaryOperator::add:
            return "+";
        case BinaryOperator::subtract:
            return "-";
        case BinaryOperator::multiply:
            return "*";
        case BinaryOperator::divide:
            return "/";
        case BinaryOperator::floor_divide:
            return "//";
        case BinaryOperator::modulo:
            return "%";
        default:
            return "**";
    }
}

Value repeated(const std::string& text, std::int64_t count) {
    if (count <= 0 || text.empty()) return std::string{};
    if (static_cast<std::size_t>(count) > longest_text / text.size()) {
        require_length(longest_text + 1, longest_text);
    }
    std::string result;
    for (std::int64_t i = 0; i < count; ++i) result += text;
    return result;
}

Value joined(const List& left, const List& right) {
    Effort::spend(left.extent.weight + right.extent.weight);
    require_length(left.items.size() + right.items.size(), longest_list);
    List result{left.items, left.kind};
    result.items.insert(result.items.end(), right.items.begin(), right.items.end());
    return result;
}

bool contains(const Value& container, const Value& value) {
    if (const std::string* text = container.string()) {
        if (!value.is_string()) refuse("in", value, container);
        Effort::spend_on_search(*text, *value.string());
        return text->find(*value.string()) != std::string::npos;
    }
    const auto items = iterate(container);
    return std::any_of(items.begin(), items.end(),
                       [&](const Value& item) { return equal(item, value); });
}

struct Bounds {
    std::int64_t start;
    std::int64_t stop;
    std::int64_t step;
};

/// As Python's slice.indices.
Bounds bounds_of(std::int64_t size, const Value& start, const Value& stop, const Value& step) {
    // A longer step than the sequence takes its first item only, and cannot overflow.
    const std::int64_t by =
        std::clamp(step.is_none() ? 1 : step.integer("a slice's step"), -size - 1, size + 1);
    if (by == 0) throw RenderError{"a slice's step is zero"};
    const std::int64_t low = by > 0 ? 0 : -1;
    const std::int64_t high = by > 0 ? size : size - 1;
    const auto clamp = [&](const Value& bound, std::int64_t fallback) {
        if (bound.is_none()) return fallback;
        const std::int64_t index = bound.integer("a slice's bound");
        return std::clamp(index < 0 ? index + size : index, low, high);
    };
    return {clamp(start, by > 0 ? low : high), clamp(stop, by > 0 ? high : low), by};
}

}  // namespace

Value combine(BinaryOperator op, const Value& left, const Value& right) {
    if (op == BinaryOperator::concatenate) return to_text(left) + to_text(right);
    if (left.is_number() && right.is_number()) {
        if (left.is_float() || right.is_float()) {
            return float_arithmetic(op, left.as_double(), right.as_double());
        }
        return integer_arithmetic(op, left.integer(""), right.integer(""));
    }
    if (op == BinaryOperator::add && left.is_string() && right.is_string()) {
        return *left.string() + *right.string();
    }
    if (op == BinaryOperator::add && left.list() && right.list() &&
        left.list()->kind == right.list()->kind) {
        return joined(*left.list(), *right.list());
    }
    if (op == BinaryOperator::multiply && left.is_string() && right.is_integer()) {
        return repeated(*left.string(), right.integer(""));
    }
    refuse(sign_of(op), left, right);
}

bool compare(Comparison comparison, const Value& left, const Value& right) {
    switch (comparison) {
        case Comparison::equal:
            return equal(left, right);
        case Comparison::not_equal:
            return !equal(left, right);
        case Comparison::less:
            return less(left, right);
        case Comparison::less_equal:
            return less(left, right) || equal(left, right);
        case Comparison::greater:
            return less(right, left);
        case Comparison::greater_equal:
            return less(right, left) || equal(left, right);
        case Comparison::in:
            return contains(right, left);
        case Comparison::not_in:
            break;
    }
    return !contains(right, left);
}

Value slice(const Value& value, const Value& start, const Value& stop, const Value& step) {
    require_defined(value);
    const bool text = value.is_string();
    const bool list = value.list() != nullptr && value.list()->kind != List::Kind::generator;
    if (!text && !list) return Undefined{"slice"};
    const auto items = iterate(value);
    const Bounds bounds = bounds_of(static_cast<std::int64_t>(items.size()), start, stop, step);
    List result{{}, text ? List::Kind::list : value.list()->kind};
    for (std::int64_t i = bounds.start; bounds.step > 0 ? i < bounds.stop : i > bounds.stop;
         i += bounds.step) {
        result.items.push_back(items[static_cast<std::size_t>(i)]);
    }
    if (list) return result;
    std::string characters;
    for (const Value& item : result.items) characters += *item.string();
    return characters;
}

}  // namespace evoke::text::jinja

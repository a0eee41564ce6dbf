#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "evoke/population/objective.hpp"

namespace evoke::population {

namespace {

using Point = std::vector<double>;

/// Differences of distance below this are rounding.
constexpr double tolerance = 1e-12;

/// Points with a number in every objective.
std::vector<std::size_t> measured(std::span<const Point> points) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (std::ranges::all_of(points[i], [](double value) { return std::isfinite(value); }))
            indices.push_back(i);
    return indices;
}

/// Each objective from 0 (best of the front) to 1 (worst); objectives in which all are equal are
/// left out. [points, objectives that vary]
std::vector<Point> scale(std::span<const Point> points, std::span<const std::size_t> indices,
                         std::span<const Objective> objectives) {
    std::vector<Point> scaled(indices.size());
    for (std::size_t k = 0; k < objectives.size(); ++k) {
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const std::size_t i : indices) {
            low = std::min(low, points[i][k]);
            high = std::max(high, points[i][k]);
        }
        if (!(high > low)) continue;
        for (std::size_t j = 0; j < indices.size(); ++j) {
            const double share = (points[indices[j]][k] - low) / (high - low);
            scaled[j].push_back(objectives[k].direction == Direction::minimise ? share : 1 - share);
        }
    }
    return scaled;
}

/// Best in objective k; among equals the best in the others together, then the first.
const Point& extreme(const std::vector<Point>& scaled, std::size_t k) {
    const auto others = [&](const Point& point) {
        double sum = 0;
        for (std::size_t j = 0; j < point.size(); ++j) sum += j == k ? 0 : point[j];
        return sum;
    };
    return *std::ranges::min_element(scaled, [&](const Point& a, const Point& b) {
        return a[k] != b[k] ? a[k] < b[k] : others(a) < others(b);
    });
}

/// Solves matrix · x = 1 by elimination with pivoting; nullopt when the rows are dependent.
std::optional<Point> solve_for_ones(std::vector<Point> matrix) {
    const std::size_t n = matrix.size();
    for (Point& row : matrix) row.push_back(1);
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t r = column + 1; r < n; ++r)
            if (std::abs(matrix[r][column]) > std::abs(matrix[pivot][column])) pivot = r;
        if (std::abs(matrix[pivot][column]) < 1e-9) return std::nullopt;
        std::swap(matrix[pivot], matrix[column]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == column) continue;
            const double factor = matrix[r][column] / matrix[column][column];
            for (std::size_t c = column; c <= n; ++c) matrix[r][c] -= factor * matrix[column][c];
        }
    }
    Point solution(n);
    for (std::size_t k = 0; k < n; ++k) solution[k] = matrix[k][n] / matrix[k][k];
    return solution;
}

double product(const Point& a, const Point& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The plane normal · x = 1 through the points; of many, the one with the shortest normal, so that
/// objectives which share an extreme point share its weight. nullopt when none goes through all.
/// Requires: points not empty.
std::optional<Point> plane_through(const std::vector<Point>& points) {
    std::vector<Point> products(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        for (const Point& other : points) products[i].push_back(product(points[i], other));
    const auto weights = solve_for_ones(std::move(products));
    if (!weights) return std::nullopt;
    Point normal(points.front().size());
    for (std::size_t i = 0; i < points.size(); ++i)
        for (std::size_t k = 0; k < normal.size(); ++k) normal[k] += (*weights)[i] * points[i][k];
    return normal;
}

/// The normal of the plane through the extreme points. Where none rises in every objective, the
/// plane through the unit points stands in.
Point normal_of(const std::vector<Point>& scaled) {
    const std::size_t n = scaled.front().size();
    if (n == 0) return {};
    std::vector<Point> extremes;
    for (std::size_t k = 0; k < n; ++k) {
        const Point& point = extreme(scaled, k);
        if (std::ranges::find(extremes, point) == extremes.end()) extremes.push_back(point);
    }
    const auto normal = plane_through(extremes);
    const auto rises = [](double component) { return component > tolerance; };
    if (normal && std::ranges::all_of(*normal, rises)) return *normal;
    return Point(n, 1.0);
}

}  // namespace

std::size_t knee(std::span<const std::vector<double>> points, std::span<const Objective> objectives,
                 std::span<const double> tie_break) {
    if (points.empty()) throw std::invalid_argument{"an empty front has no balance to suggest"};
    if (tie_break.size() != points.size())
        throw std::invalid_argument{"one tie-break for each point of the front is needed"};
    for (const Point& point : points)
        if (point.size() != objectives.size())
            throw std::invalid_argument{"a point of the front has another number of objectives"};

    const std::vector<std::size_t> indices = measured(points);
    if (indices.empty()) return 0;
    const std::vector<Point> scaled = scale(points, indices, objectives);
    const Point normal = normal_of(scaled);
    // All planes with this normal are parallel: the smaller the product, the farther below.
    const auto height = [&](const Point& point) { return product(normal, point); };
    double lowest = std::numeric_limits<double>::infinity();
    for (const Point& point : scaled) lowest = std::min(lowest, height(point));
    std::optional<std::size_t> best;
    for (std::size_t j = 0; j < indices.size(); ++j) {
        if (height(scaled[j]) > lowest + tolerance) continue;
        if (!best || tie_break[indices[j]] < tie_break[*best]) best = indices[j];
    }
    return *best;
}

}  // namespace evoke::population

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Solves rows · x = 1 by elimination with pivoting; nullopt when the rows are dependent.
std::optional<Point> plane_through(std::vector<Point> rows) {
    const std::size_t n = rows.size();
    for (Point& row : rows) row.push_back(1);
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t r = column + 1; r < n; ++r)
            if (std::abs(rows[r][column]) > std::abs(rows[pivot][column])) pivot = r;
        if (std::abs(rows[pivot][column]) < 1e-9) return std::nullopt;
        std::swap(rows[pivot], rows[column]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == column) continue;
            const double factor = rows[r][column] / rows[column][column];
            for (std::size_t c = column; c <= n; ++c) rows[r][c] -= factor * rows[column][c];
        }
    }
    Point solution(n);
    for (std::size_t k = 0; k < n; ++k) solution[k] = rows[k][n] / rows[k][k];
    return solution;
}

/// The normal of the plane normal · x = 1 through the extreme points. Where they define none that
/// rises in every objective (too few of them, or one point best in two objectives), the plane
/// through the unit points stands in.
Point normal_of(const std::vector<Point>& scaled) {
    const std::size_t n = scaled.front().size();
    std::vector<Point> extremes;
    for (std::size_t k = 0; k < n; ++k) extremes.push_back(extreme(scaled, k));
    const auto normal = plane_through(std::move(extremes));
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
    const auto height = [&](const Point& point) {
        double product = 0;
        for (std::size_t k = 0; k < normal.size(); ++k) product += normal[k] * point[k];
        return product;
    };
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

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/collinear_columns.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "model/number_text.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

/**
 * What is left of a column without the others, relative to it, when it is a combination of them but for rounding: sums
 * of a few columns in double precision, computed by the caller in whatever order.
 */
constexpr double collinear_share = 1e-10;
/** A column that has less than this part in the combination, each column at its own length, is not named. */
constexpr double smallest_part = 1e-6;

using Column = std::vector<double>;

double product(const Column& a, const Column& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

double norm(const Column& column) { return std::sqrt(product(column, column)); }

std::vector<Column> columns_of(const EngineModel& model, std::int32_t process) {
  std::vector<Column> columns;
  for (const auto& group : model.observations) {
    if (group.process != process) continue;
    const auto count = static_cast<std::size_t>(group.num_covariates);
    columns.resize(count);
    for (std::size_t i = 0; i < group.covariates.size(); ++i) columns[i % count].push_back(group.covariates[i]);
  }
  return columns;
}

/** One column of unit length less its projections on the earlier ones, and what it took of each original column. */
struct Direction {
  Column values;
  /** The direction as a combination of the columns up to its own, each at unit length. */
  std::vector<double> parts;
};

[[noreturn]] void refuse(std::int32_t process, std::size_t column, const std::vector<double>& parts, double share) {
  std::string others;
  std::vector<double> numbers;
  for (std::size_t k = 0; k < column; ++k) {
    if (!(std::abs(parts[k]) > smallest_part)) continue;
    others += (others.empty() ? "" : ", ") + std::to_string(k);
    numbers.push_back(static_cast<double>(k));
  }
  throw InvalidModel("The covariates of process " + std::to_string(process) +
                         " must be linearly independent, found column " + std::to_string(column) +
                         " collinear with column" + (numbers.size() == 1 ? " " : "s ") + others + " (all but " +
                         number_text(share) + " of it is a combination of them).",
                     {{"field", std::string("observations.covariates")},
                      {"process", static_cast<std::int64_t>(process)},
                      {"column", static_cast<std::int64_t>(column)},
                      {"collinearWith", numbers}});
}

void check_process(std::int32_t process, std::vector<Column> columns) {
  if (columns.empty() || columns.front().size() < columns.size()) return;
  std::vector<Direction> directions;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    auto& rest = columns[k];
    // By the largest first: squares of values near the ends of double precision are none.
    double largest = 0.0;
    for (const double value : rest) largest = std::max(largest, std::abs(value));
    if (largest == 0.0) continue;
    for (double& value : rest) value /= largest;
    const double length = norm(rest);
    for (double& value : rest) value /= length;
    std::vector<double> parts(columns.size(), 0.0);
    parts[k] = 1.0;
    // Twice is enough: the second round takes what rounding left of the first.
    for (int round = 0; round < 2; ++round) {
      for (const auto& direction : directions) {
        const double factor = product(direction.values, rest);
        for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= factor * direction.values[i];
        for (std::size_t i = 0; i < parts.size(); ++i) parts[i] -= factor * direction.parts[i];
      }
    }
    const double share = norm(rest);
    if (share < collinear_share) refuse(process, k, parts, share);
    for (double& value : rest) value /= share;
    for (double& part : parts) part /= share;
    directions.push_back({std::move(rest), std::move(parts)});
  }
}

}  // namespace

void validate_independent_columns(const EngineModel& model) {
  std::int32_t last = 0;
  for (const auto& group : model.observations) last = std::max(last, group.process);
  for (std::int32_t process = 0; process <= last; ++process) check_process(process, columns_of(model, process));
}

}  // namespace tramontana

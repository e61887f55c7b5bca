// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "grid/prepared_grid.hpp"
#include "kernels/random_normal.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& expectation, const std::string& found) {
  throw InvalidModel("The request's " + field + " must be " + expectation + ", found " + found + ".",
                     {{"field", field}});
}

void check_design_index(const GridSampleRequest& request, const std::string& field, std::size_t design) {
  if (design < request.designs.size()) return;
  refuse(field + ".design", "below " + std::to_string(request.designs.size()), std::to_string(design));
}

std::size_t cells_of(const GridPredictionDesign& design) {
  return design.rows.centres.size() * design.columns.centres.size();
}

void check_area(const GridSampleRequest& request, std::size_t index) {
  const auto& area = request.areas[index];
  const std::string field = "areas[" + std::to_string(index) + "]";
  check_design_index(request, field, area.design);
  const auto& pointers = area.row_pointers;
  bool is_ascending =
      !pointers.empty() && pointers.front() == 0 && static_cast<std::size_t>(pointers.back()) == area.cells.size();
  for (std::size_t i = 1; i < pointers.size(); ++i) is_ascending = is_ascending && pointers[i] >= pointers[i - 1];
  if (!is_ascending) refuse(field + ".rowPointers", "ascending from 0 to the number of cells", "others");
  if (area.weights.size() != area.cells.size()) {
    refuse(field + ".weights", std::to_string(area.cells.size()) + " numbers, one a cell",
           std::to_string(area.weights.size()));
  }
  const std::size_t num_cells = cells_of(request.designs[area.design]);
  for (std::size_t i = 0; i < area.cells.size(); ++i) {
    if (area.cells[i] < 0 || static_cast<std::size_t>(area.cells[i]) >= num_cells) {
      refuse(field + ".cells[" + std::to_string(i) + "]", "from 0 to " + std::to_string(num_cells - 1),
             std::to_string(area.cells[i]));
    }
    if (!std::isfinite(area.weights[i])) {
      refuse(field + ".weights[" + std::to_string(i) + "]", "finite", std::to_string(area.weights[i]));
    }
  }
}

void check_request(const GridSampleRequest& request) {
  if (request.num_samples < 1) refuse("numSamples", "at least 1", "0");
  for (std::size_t i = 0; i < request.runs.size(); ++i) {
    const std::string field = "runs[" + std::to_string(i) + "]";
    const auto& run = request.runs[i];
    check_design_index(request, field, run.design);
    const std::size_t steps = request.designs[run.design].time_indices.size();
    if (run.steps < 1 || run.steps > steps) {
      refuse(field + ".steps", "from 1 to " + std::to_string(steps), std::to_string(run.steps));
    }
    if (!std::isfinite(run.threshold)) refuse(field + ".threshold", "finite", std::to_string(run.threshold));
  }
  for (std::size_t i = 0; i < request.areas.size(); ++i) check_area(request, i);
  const auto& errors = request.step_error_sds;
  if (!errors.empty() && errors.size() != request.designs.size()) {
    refuse("stepErrorSds", "one entry a design, or none", std::to_string(errors.size()));
  }
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (!errors[i].empty() && errors[i].size() != request.designs[i].time_indices.size()) {
      refuse("stepErrorSds[" + std::to_string(i) + "]", "one number a step of the design, or none",
             std::to_string(errors[i].size()));
    }
    for (const double sd : errors[i]) {
      if (!(sd >= 0.0) || !std::isfinite(sd)) {
        refuse("stepErrorSds[" + std::to_string(i) + "]", "not negative", std::to_string(sd));
      }
    }
  }
}

class Summary {
 public:
  explicit Summary(const GridSampleRequest& request) : request_(request) {
    for (const auto& run : request.runs) {
      const auto& design = request.designs[run.design];
      result_.runs.emplace_back((design.time_indices.size() + 1 - run.steps) * cells_of(design), 0.0);
    }
    result_.areas.resize(request.areas.size());
  }

  void add(std::size_t sample, std::size_t design, std::span<const double> map) {
    const auto values = with_shared_errors(sample, design, map);
    for (std::size_t i = 0; i < request_.runs.size(); ++i) {
      if (request_.runs[i].design == design) add_run(request_.runs[i], values, result_.runs[i]);
    }
    for (std::size_t i = 0; i < request_.areas.size(); ++i) {
      if (request_.areas[i].design == design) add_areas(request_.areas[i], values, result_.areas[i]);
    }
    if (request_.on_progress && design + 1 == request_.designs.size()) {
      request_.on_progress(static_cast<int>(sample + 1), static_cast<int>(request_.num_samples));
    }
  }

  [[nodiscard]] GridSampleSummary take() { return std::move(result_); }

 private:
  [[nodiscard]] std::vector<double> with_shared_errors(std::size_t sample, std::size_t design,
                                                       std::span<const double> map) const {
    std::vector<double> values(map.begin(), map.end());
    if (request_.step_error_sds.empty() || request_.step_error_sds[design].empty()) return values;
    // Another stream than those of the draws and of the modes beyond.
    auto normal = RandomNormal::stream(request_.seed ^ 0x5deece66dULL, sample * request_.designs.size() + design);
    const std::size_t cells = cells_of(request_.designs[design]);
    for (std::size_t t = 0; t * cells < values.size(); ++t) {
      const double error = request_.step_error_sds[design][t] * normal();
      for (std::size_t i = 0; i < cells; ++i) values[t * cells + i] += error;
    }
    return values;
  }

  void add_run(const ExceedanceRuns& run, std::span<const double> values, std::vector<double>& shares) const {
    const std::size_t cells = cells_of(request_.designs[run.design]);
    const double one = 1.0 / static_cast<double>(request_.num_samples);
    for (std::size_t cell = 0; cell < cells; ++cell) {
      std::size_t length = 0;
      for (std::size_t t = 0; t * cells < values.size(); ++t) {
        length = values[t * cells + cell] > run.threshold ? length + 1 : 0;
        if (length >= run.steps) shares[(t + 1 - run.steps) * cells + cell] += one;
      }
    }
  }

  void add_areas(const AreaMeans& areas, std::span<const double> values, std::vector<double>& means) const {
    const std::size_t cells = cells_of(request_.designs[areas.design]);
    for (std::size_t t = 0; t * cells < values.size(); ++t) {
      for (std::size_t area = 0; area + 1 < areas.row_pointers.size(); ++area) {
        double sum = 0.0;
        for (auto i = areas.row_pointers[area]; i < areas.row_pointers[area + 1]; ++i) {
          const auto at = static_cast<std::size_t>(i);
          sum += areas.weights[at] * values[t * cells + static_cast<std::size_t>(areas.cells[at])];
        }
        means.push_back(sum);
      }
    }
  }

  const GridSampleRequest& request_;
  GridSampleSummary result_;
};

}  // namespace

GridSampleSummary summarise_samples(const PreparedGrid& grid, std::span<const SamplingPoint> points,
                                    const GridSampleRequest& request, const CancellationToken* cancellation) {
  check_request(request);
  Summary summary(request);
  sample_grid(
      grid, points, request.designs, request.num_samples, request.seed,
      [&](std::size_t sample, std::size_t design, std::span<const double> map) { summary.add(sample, design, map); },
      cancellation);
  return summary.take();
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/leave_out.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "inference/criteria/criteria.hpp"
#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/shared_evaluations.hpp"
#include "inference/prediction/folds.hpp"
#include "matrix/block_memory.hpp"
#include "matrix/csr_operations.hpp"

namespace tramontana {
namespace {

/** The elements of a row-major array whose row is kept. */
template <class Value>
std::vector<Value> kept_rows(const std::vector<Value>& values, std::span<const std::int32_t> kept,
                             std::size_t num_columns) {
  std::vector<Value> result;
  if (values.empty()) return result;
  for (const auto row : kept) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * num_columns);
    result.insert(result.end(), first, first + static_cast<std::ptrdiff_t>(num_columns));
  }
  return result;
}

EngineModel without_fold(const EngineModel& model, Folds folds, std::int32_t fold) {
  EngineModel reduced = model;
  for (std::size_t g = 0; g < reduced.observations.size(); ++g) {
    auto& group = reduced.observations[g];
    std::vector<std::int32_t> kept;
    for (std::size_t i = 0; i < folds[g].size(); ++i) {
      if (folds[g][i] != fold) kept.push_back(static_cast<std::int32_t>(i));
    }
    if (kept.size() == folds[g].size()) continue;
    group.y = kept_rows(group.y, kept, 1);
    group.time_index = kept_rows(group.time_index, kept, 1);
    group.covariates = kept_rows(group.covariates, kept, static_cast<std::size_t>(group.num_covariates));
    group.weights = kept_rows(group.weights, kept, 1);
    group.exposure = kept_rows(group.exposure, kept, 1);
    for (auto& levels : group.effect_levels) levels = kept_rows(levels, kept, 1);
    group.projector = permuted_rows(group.projector, kept);
  }
  return reduced;
}

/** An observation that was left out: its group and place, then mean, sd, log density and PIT. */
using Left = std::array<double, 6>;

/** The left-out observations of one group at one step, by their place in time order. */
struct Cell {
  std::size_t group = 0;
  std::vector<std::size_t> rows;
};

class LeaveOut {
 public:
  LeaveOut(const PreparedModel& model, std::span<const double> theta, Folds folds, const EvaluationOptions& options,
           const CancellationToken* cancellation)
      : model_(model),
        theta_(theta),
        folds_(folds),
        options_(options),
        cancellation_(cancellation),
        num_folds_(count_folds(folds, sizes_of(model.model().observations))) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    for (const auto& fold : folds) {
      const std::vector<double> nothing(fold.size(), none);
      result_.groups.push_back({nothing, nothing, nothing, nothing});
    }
    result_.fold_log_density.assign(static_cast<std::size_t>(num_folds_), 0.0);
  }

  LeaveOutResult run() {
    const Posterior whole(model_, theta_, options_, cancellation_);
    whole_log_likelihood_ = whole.terms().log_marginal_likelihood;
    for (std::size_t g = 0; g < folds_.size(); ++g) parameters_.push_back(whole.prior().likelihood_parameters(g));
    const auto num_folds = static_cast<std::size_t>(num_folds_);
    const SharedEvaluations shared(model_.backend(), options_, groups_of_ranks(model_, theta_, num_folds, options_),
                                   flops_of_evaluation(model_));
    const auto results = shared.run(
        num_folds, [&](std::size_t fold) { return leave_out(static_cast<std::int32_t>(fold), shared.options()); });
    for (std::size_t fold = 0; fold < results.size(); ++fold) store(fold, results[fold]);
    double sum = 0.0;
    std::size_t count = 0;
    for (const auto& group : result_.groups) {
      for (const double value : group.log_density) {
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
      }
    }
    result_.log_score = count == 0 ? 0.0 : -sum / static_cast<double>(count);
    return std::move(result_);
  }

 private:
  /** log p(y of the fold | y without it), then what Left says of each observation; nothing for an empty fold. */
  [[nodiscard]] std::vector<double> leave_out(std::int32_t fold, const EvaluationOptions& options) const {
    std::vector<Cell> cells;
    std::vector<PredictionDesign> designs;
    for (std::size_t g = 0; g < folds_.size(); ++g) add_cells(g, fold, cells, designs);
    if (cells.empty()) return {};
    const PreparedModel reduced(without_fold(model_.model(), folds_, fold), model_.backend());
    const Posterior rest(reduced, theta_, options, cancellation_);
    const auto& posterior = rest.conditional();
    std::vector<double> result{whole_log_likelihood_ - rest.terms().log_marginal_likelihood};
    DesignMoments collector(posterior, designs);
    posterior.for_each_covariance([&](const StepCovariance& group) {
      StepVariances variances(posterior, group);
      collector.visit(variances);
    });
    const auto moments = collector.take();
    for (std::size_t c = 0; c < cells.size(); ++c) {
      for (std::size_t k = 0; k < cells[c].rows.size(); ++k) {
        const auto left = predict(cells[c].group, cells[c].rows[k], moments[c].mean[k], moments[c].variance[k]);
        result.insert(result.end(), left.begin(), left.end());
      }
    }
    return result;
  }

  void store(std::size_t fold, const std::vector<double>& found) {
    if (found.empty()) return;
    result_.fold_log_density[fold] = found.front();
    for (auto at = found.begin() + 1; at != found.end(); at += std::tuple_size_v<Left>) {
      auto& group = result_.groups[static_cast<std::size_t>(at[0])];
      const auto i = static_cast<std::size_t>(at[1]);
      group.mean[i] = at[2];
      group.sd[i] = at[3];
      group.log_density[i] = at[4];
      group.pit[i] = at[5];
    }
  }

  void add_cells(std::size_t g, std::int32_t fold, std::vector<Cell>& cells,
                 std::vector<PredictionDesign>& designs) const {
    const auto& observed = model_.observations()[g];
    const auto design = observed.design();
    for (std::size_t step = 0; step < model_.num_steps(); ++step) {
      const auto [first, last] = observed.rows_of(step);
      Cell cell{g, {}};
      std::vector<std::int32_t> order;
      PredictionDesign rows{static_cast<std::int32_t>(observed.process()), {static_cast<std::int32_t>(step)}, {}, {}};
      for (std::size_t row = first; row < last; ++row) {
        if (folds_[g][static_cast<std::size_t>(observed.original_order()[row])] != fold) continue;
        cell.rows.push_back(row);
        order.push_back(static_cast<std::int32_t>(row));
        for (std::size_t c = 0; c < observed.num_covariates(); ++c) rows.covariates.push_back(design(row, 1 + c));
      }
      if (cell.rows.empty()) continue;
      rows.projector = permuted_rows(observed.projector(), order);
      cells.push_back(std::move(cell));
      designs.push_back(std::move(rows));
    }
  }

  [[nodiscard]] Left predict(std::size_t g, std::size_t row, double mean, double variance) const {
    const auto& observed = model_.observations()[g];
    const auto& datum = observed.data()[row];
    const auto& parameters = parameters_[g];
    PredictiveTerms terms;
    if (observed.is_gaussian()) {
      terms = gaussian_predictive_terms(datum.y, std::exp(parameters[0]) * datum.weight, mean, variance);
    } else {
      terms =
          predictive_terms({[&](double eta) { return observed.likelihood().terms(datum, eta, parameters).log_density; },
                            [&](double eta) { return observed.likelihood().cumulative(datum, eta, parameters); }},
                           mean, variance);
    }
    if (!observed.log_jacobians().empty()) terms.log_density += observed.log_jacobians()[row];
    return {static_cast<double>(g),
            static_cast<double>(observed.original_order()[row]),
            mean,
            std::sqrt(variance),
            terms.log_density,
            terms.pit};
  }

  const PreparedModel& model_;
  std::span<const double> theta_;
  Folds folds_;
  const EvaluationOptions& options_;
  const CancellationToken* cancellation_;
  std::int32_t num_folds_;
  double whole_log_likelihood_ = 0.0;
  std::vector<std::vector<double>> parameters_;
  LeaveOutResult result_;
};

}  // namespace

LeaveOutResult leave_groups_out(const PreparedModel& model, std::span<const double> theta, Folds folds,
                                const EvaluationOptions& options, const CancellationToken* cancellation) {
  const KeepBlocks keep_blocks;
  model.check_theta(theta);
  return LeaveOut(model, theta, folds, options, cancellation).run();
}

}  // namespace tramontana

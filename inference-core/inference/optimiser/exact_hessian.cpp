// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/exact_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "inference/optimiser/covariance_curvature.hpp"
#include "inference/optimiser/curvature.hpp"
#include "inference/optimiser/determinant_curvature.hpp"
#include "inference/optimiser/pair_traces.hpp"
#include "inference/posterior/evaluation_ranks.hpp"
#include "inference/posterior/field_recursion.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/working_variates.hpp"
#include "model/number_text.hpp"
#include "model/priors.hpp"
#include "solver/order_cost.hpp"

namespace tramontana {
namespace {

/** Of a component of theta on which there is none: a standard deviation of a thousand. */
constexpr double least_information = 1e-6;
/** What a prior counts for at most: the traces of a component that it knows are parts of what others have. */
constexpr double most_prior_information = 1.0;
constexpr double gibibyte = 1024.0 * 1024.0 * 1024.0;
constexpr double most_bytes = 4.0 * gibibyte;
/** It has to be clearly quicker, for what is counted is known to some ten per cent. */
constexpr double smallest_advantage = 0.8;
/** Flops of an inversion at the rate of those of a product. */
constexpr double weight_of_inversion = 1.5;
/** Loops over the entries of a block run at a sixth of that rate. */
constexpr double weight_of_loops = 6.0;

/** The columns of U as data: y = P_0^-1 u leaves these residuals and this field. */
std::vector<Conditional> border_data(const GaussianConditional& posterior) {
  const auto& solution = posterior.solution();
  std::vector<Conditional> data;
  for (std::size_t column = 0; column < solution.effects.size(); ++column) {
    Conditional own{column_of(solution.states.spectral, 1 + column), solution.effects, {}};
    for (const auto& residual : solution.residuals) own.residuals.push_back(column_of(residual, 1 + column));
    data.push_back(std::move(own));
  }
  return data;
}

/** hessian += factor times a matrix. */
void add(double factor, const std::vector<double>& matrix, std::vector<double>& hessian) {
  for (std::size_t i = 0; i < hessian.size(); ++i) hessian[i] += factor * matrix[i];
}

/** u_c' V_i u_c' of all pairs of columns, for each component of theta: sum over pairs of the products of two of them.
 */
std::vector<double> border_products(const GaussianConditional& posterior, const std::vector<Conditional>& border) {
  const std::size_t d = posterior.prior().theta().size();
  std::vector<double> products(d * d, 0.0);
  for (const auto& right : border) {
    const auto variates = working_variates(posterior, right);
    for (const auto& left : border) {
      std::vector<double> forms(d, 0.0);
      for (std::size_t group = 0; group < variates.size(); ++group) {
        const auto own = posterior.observations()[group].weighted_inner_products(left.residuals[group].view(),
                                                                                 variates[group].view());
        for (std::size_t i = 0; i < d; ++i) forms[i] += posterior.prior().noise_precision(group) * own(0, i);
      }
      for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = 0; j < d; ++j) products[i * d + j] += forms[i] * forms[j];
      }
    }
  }
  return products;
}

struct QuadraticPart {
  std::vector<double> hessian;      ///< all of it but the determinants of the fields
  std::vector<double> information;  ///< on each component, of the data, or of a prior that knows as little
};

QuadraticPart quadratic_part(const GaussianConditional& posterior) {
  const std::size_t d = posterior.prior().theta().size();
  std::vector<double> hessian(d * d, 0.0);
  const auto border = border_data(posterior);
  std::vector<Conditional> data{observed_data(posterior)};
  data.insert(data.end(), border.begin(), border.end());
  const auto of_data = informations(posterior, data);
  for (const auto& own : of_data) add(2.0, own, hessian);
  for (const auto& set : data) {
    add(-0.5, covariance_curvature(posterior.map(), set.residuals, set.effects), hessian);
  }
  add(0.5, border_products(posterior, border), hessian);
  std::vector<double> information(d);
  for (std::size_t i = 0; i < d; ++i) {
    const double curvature = log_prior(posterior.prepared().model().priors[i], posterior.prior().theta()[i]).curvature;
    hessian[i * d + i] -= curvature;
    information[i] =
        std::max({of_data.front()[i * d + i], std::min(-curvature, most_prior_information), least_information});
  }
  return {std::move(hessian), std::move(information)};
}

}  // namespace

std::string why_no_exact_hessian(const PreparedModel& model) {
  if (!model.is_gaussian()) return "it needs Gaussian observations";
  if (!model.border().effects().empty()) return "it needs a model without random effects";
  for (std::size_t step = 0; step < model.num_steps(); ++step) {
    std::vector<int> groups(model.num_processes(), 0);
    for (std::size_t i = 0; i < model.observations().size(); ++i) {
      if (model.observations()[i].pattern_of(step) < 0) continue;
      const auto process = model.observations()[i].process();
      if (++groups[process] > 1) {
        return "it needs one group of observations a response and step, found more of response " +
               std::to_string(process) + " at step " + std::to_string(step);
      }
    }
  }
  const auto n = static_cast<double>(model.block_size());
  const double bytes = 4.0 * sizeof(double) * n * n * static_cast<double>(model.num_steps());
  if (bytes <= most_bytes) return {};
  return "it needs " + number_text(bytes / gibibyte) + " GiB for four blocks a step, " +
         number_text(most_bytes / gibibyte) + " are allowed";
}

bool exact_hessian_pays(const PreparedModel& model, std::span<const double> theta, const EvaluationOptions& options) {
  if (!has_exact_hessian(model)) return false;
  const PriorAtTheta prior(model, theta);
  const PredictorMap map(prior, model.observations());
  const auto evaluation = count_orders(*joint_precision_of(map, basis_of(prior, options)));
  const auto n = static_cast<double>(model.block_size());
  const auto steps = static_cast<double>(model.num_steps());
  const auto processes = static_cast<double>(model.num_processes());
  const auto terms = static_cast<double>(ModeGenerators(prior).terms().size());
  const auto lags = static_cast<double>(counted_lags(prior));
  const double pairs = lags * steps - 0.5 * lags * (lags - 1.0);
  const double loops = weight_of_loops * 2.0 * (terms * terms + 8.0 * processes * terms) / (processes * processes * n);
  const double solves = 4.0 * steps * static_cast<double>(theta.size() * (2 + model.num_border_columns())) / n;
  const double exact = pairs * (2.0 + loops) + steps * (weight_of_inversion + 3.0) + solves;
  return exact < smallest_advantage * static_cast<double>(theta.size()) * evaluation.forward_alone;
}

std::optional<std::vector<double>> exact_hessian(const PreparedModel& model, std::span<const double> theta,
                                                 const EvaluationOptions& options,
                                                 const CancellationToken* cancellation) {
  // Each rank has a factor of its own, in the order and the coordinates that the pairs ask for.
  EvaluationOptions own = options;
  own.ranks = nullptr;
  own.coordinates = EvaluationOptions::Coordinates::spectral;
  own.selected_inverse = EvaluationOptions::SelectedInverse::backward;
  std::optional<Posterior> posterior;
  ranks_of(options).agree([&] { posterior.emplace(model, theta, own, cancellation); });
  if (!serves_exact_hessian(*posterior)) return std::nullopt;
  return exact_hessian(*posterior, ranks_of(options), cancellation);
}

bool serves_exact_hessian(const Posterior& posterior) {
  const auto& field = posterior.conditional().field();
  return field.forward_filter() != nullptr && field.basis() == CoordinateBasis::spectral;
}

std::optional<std::vector<double>> exact_hessian(const Posterior& posterior, const Communicator& ranks,
                                                 const CancellationToken* cancellation) {
  const auto& field = posterior.conditional().field();
  if (field.rounding_error() > 0.0) return std::nullopt;
  auto [hessian, information] = quadratic_part(posterior.conditional());
  const auto& prior = posterior.prior();
  const ModeGenerators generators(prior);
  const auto sums =
      sum_over_pairs(generators, prior, field.precision(), *field.forward_filter(), information, ranks, cancellation);
  add(0.5, determinant_curvature(prior, generators, sums), hessian);
  return hessian;
}

}  // namespace tramontana

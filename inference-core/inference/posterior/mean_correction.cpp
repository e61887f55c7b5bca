// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/mean_correction.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "inference/criteria/criteria.hpp"
#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/latent_summaries.hpp"

namespace tramontana {
namespace {

/** Nodes of expectations over a predictor: exact for polynomials of degree 21. */
constexpr int num_nodes = 11;
constexpr int max_steps = 20;
constexpr int max_line_steps = 6;
/** A step that moves no predictor by more than this share of its standard deviation is the last. */
constexpr double last_move = 1e-4;
/** The slope along a direction is zero below this share of what it was. */
constexpr double flat_slope = 1e-4;

using Values = std::vector<double>;

double inner(const Values& a, const Values& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/** a + scale b. */
Values sum(const Values& a, double scale, const Values& b) {
  Values result = a;
  for (std::size_t i = 0; i < a.size(); ++i) result[i] += scale * b[i];
  return result;
}

/** The expected log density of all data as a function of how far the mean is from the mode. */
class ExpectedLikelihood {
 public:
  ExpectedLikelihood(const GaussianConditional& posterior, const std::vector<PredictorMoments>& moments)
      : posterior_(posterior), moments_(moments) {
    for (std::size_t g = 0; g < moments.size(); ++g) {
      parameters_.push_back(posterior.prior().likelihood_parameters(g));
      for (const double weight : posterior.observations()[g].weights()) {
        weights_.push_back(posterior.prior().noise_precision(g) * weight);
      }
      for (std::size_t i = 0; i < moments[g].mean.size(); ++i) {
        sds_.push_back(std::sqrt(moments[g].variance[i]));
        const auto& observed = posterior.prepared().observations()[g];
        scores_.push_back(observed.is_gaussian() ? 0.0 : terms(g, i, moments[g].mean[i]).score);
      }
    }
  }

  /** D of the posterior at the mode. */
  [[nodiscard]] const Values& weights() const { return weights_; }
  [[nodiscard]] const Values& sds() const { return sds_; }

  struct Slopes {
    Values score;   ///< E l' less l' at the mode
    Values weight;  ///< -E l''
  };
  [[nodiscard]] Slopes at(const Values& shift) const {
    static const QuadratureRule rule = make_normal_quadrature(num_nodes);
    Slopes result{Values(shift.size(), 0.0), Values(shift.size(), 0.0)};
    std::size_t row = 0;
    for (std::size_t g = 0; g < moments_.size(); ++g) {
      const bool is_gaussian = posterior_.prepared().observations()[g].is_gaussian();
      for (std::size_t i = 0; i < moments_[g].mean.size(); ++i, ++row) {
        if (is_gaussian) {
          result.score[row] = -weights_[row] * shift[row];
          result.weight[row] = weights_[row];
          continue;
        }
        for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
          const auto found = terms(g, i, moments_[g].mean[i] + shift[row] + sds_[row] * rule.nodes[k]);
          result.score[row] += rule.weights[k] * (found.score - scores_[row]);
          result.weight[row] += rule.weights[k] * found.weight;
        }
      }
    }
    return result;
  }

 private:
  [[nodiscard]] LikelihoodTerms terms(std::size_t group, std::size_t i, double eta) const {
    const auto& observed = posterior_.prepared().observations()[group];
    return observed.likelihood().terms(observed.data()[i], eta, parameters_[group]);
  }

  const GaussianConditional& posterior_;
  const std::vector<PredictorMoments>& moments_;
  std::vector<std::vector<double>> parameters_;
  Values weights_;
  Values sds_;
  Values scores_;
};

/** (Q + A' D A)^-1 A' r, by way of the data D^-1 r. */
ConditionalMean answer_to(const GaussianConditional& posterior, const Values& weights, const Values& r) {
  std::vector<DenseMatrix> data;
  std::size_t row = 0;
  for (std::size_t g = 0; g < posterior.observations().size(); ++g) {
    data.emplace_back(posterior.observations()[g].num_observations(), 1);
    for (std::size_t i = 0; i < data.back().rows(); ++i, ++row) data.back()(i, 0) = r[row] / weights[row];
  }
  return posterior.solve_for_data(data);
}

Values predictor_of(const ConditionalMean& mean) {
  Values values;
  for (const auto& group : mean.predictor) values.insert(values.end(), group.data(), group.data() + group.rows());
  return values;
}

/** Q d = A' r, with the predictor A d. */
struct Move {
  Values r;
  Values predictor;
};

bool is_finite(const Values& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

std::optional<MeanCorrection> mean_correction(const GaussianConditional& posterior,
                                              const std::vector<PredictorMoments>& moments) {
  if (posterior.prepared().is_gaussian()) return std::nullopt;
  const ExpectedLikelihood likelihood(posterior, moments);
  const auto& weights = likelihood.weights();
  // The move is d = (Q + A' D A)^-1 A' r, that is Q d = A' (r - D A d).
  const auto gradient = [&](const ExpectedLikelihood::Slopes& slopes, const Move& move) {
    Values result = slopes.score;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] -= move.r[i] - weights[i] * move.predictor[i];
    return result;
  };
  const Values zero(weights.size(), 0.0);
  Move move{zero, zero};
  Move direction{zero, zero};
  Values last_gradient = zero;
  double last_square = 0.0;
  auto found = gradient(likelihood.at(zero), move);
  for (int step = 0; step < max_steps; ++step) {
    if (!is_finite(found)) return std::nullopt;
    const auto preconditioned = predictor_of(answer_to(posterior, weights, found));
    const double square = inner(preconditioned, found);
    double furthest = 0.0;
    for (std::size_t i = 0; i < zero.size(); ++i) {
      furthest = std::max(furthest, std::abs(preconditioned[i]) / likelihood.sds()[i]);
    }
    if (!(square > 0.0) || furthest < last_move) break;
    const double turn =
        last_square > 0.0 ? std::max(0.0, (square - inner(preconditioned, last_gradient)) / last_square) : 0.0;
    direction = {sum(found, turn, direction.r), sum(preconditioned, turn, direction.predictor)};
    const double first_slope = inner(direction.predictor, found);
    if (!(first_slope > 0.0)) break;
    last_gradient = found;
    last_square = square;
    // Newton's method along the direction; the expected log density is concave there where that of the data is.
    double slope = first_slope;
    for (int line_step = 0; line_step < max_line_steps && std::abs(slope) > flat_slope * first_slope; ++line_step) {
      const auto slopes = likelihood.at(move.predictor);
      double curvature = 0.0;
      for (std::size_t i = 0; i < zero.size(); ++i) {
        curvature +=
            direction.predictor[i] * (direction.r[i] + (slopes.weight[i] - weights[i]) * direction.predictor[i]);
      }
      if (!(curvature > 0.0)) return std::nullopt;
      const double length = slope / curvature;
      move = {sum(move.r, length, direction.r), sum(move.predictor, length, direction.predictor)};
      found = gradient(likelihood.at(move.predictor), move);
      slope = inner(direction.predictor, found);
      if (!std::isfinite(slope)) return std::nullopt;
    }
  }
  auto mean = answer_to(posterior, weights, move.r);
  MeanCorrection correction{std::move(mean.field), std::move(mean.effects), {}};
  for (const auto& group : mean.predictor) {
    correction.predictor.emplace_back(group.data(), group.data() + group.rows());
  }
  return correction;
}

void MeanCorrection::add_to_latent(const PriorAtTheta& prior, std::vector<double>& mean) const {
  const auto& prepared = prior.prepared();
  const std::size_t nodes = prepared.num_nodes();
  for (std::size_t process = 0; process < prepared.num_processes(); ++process) {
    const auto values = response_fields(prior, field, process);
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      double* target = mean.data() + step * prepared.block_size() + process * nodes;
      for (std::size_t i = 0; i < nodes; ++i) target[i] += values.block(step)(i, 0);
    }
  }
  double* target = mean.data() + prepared.num_steps() * prepared.block_size();
  for (std::size_t i = 0; i < effects.rows(); ++i) target[i] += effects(i, 0);
}

void MeanCorrection::add_to_predictions(const PriorAtTheta& prior, std::span<const PredictionDesign> designs,
                                        std::vector<PredictionMoments>& moments) const {
  for (std::size_t d = 0; d < designs.size(); ++d) {
    const auto fields = response_fields(prior, field, static_cast<std::size_t>(designs[d].process));
    const auto values = design_values(prior.prepared(), designs[d], fields, effects);
    for (std::size_t i = 0; i < values.rows(); ++i) moments[d].mean[i] += values(i, 0);
  }
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/determinant_curvature.hpp"

#include <utility>

#include "inference/optimiser/response_moments.hpp"

namespace tramontana {
namespace {

/** Differences of fourth order in theta of sums over modes: truncation and rounding are both near 1e-12 of them. */
constexpr double difference_step = 2e-3;

/** The direction of theta that scales a response: its field, what it takes from others, and what they take from it. */
std::vector<double> scaling_direction(const PriorAtTheta& prior, std::size_t j) {
  const auto& layout = prior.prepared().layout();
  std::vector<double> direction(layout.size(), 0.0);
  direction[layout.field(j).back()] = 1.0;
  for (const auto& [target, source, index] : layout.lambdas()) {
    if (target == j) direction[index] = prior.theta()[index];
    if (source == j) direction[index] = -prior.theta()[index];
  }
  return direction;
}

/**
 * Traces with the shares N of the data precision. They are counted behind theta: those of groups that share a response,
 * as the generators have them, then those of whole responses.
 */
class DataTraces {
 public:
  DataTraces(const PriorAtTheta& prior, const ModeGenerators& generators, const PairTraces& sums)
      : prior_(prior),
        generators_(generators),
        d_(prior.theta().size()),
        num_groups_(generators.groups().size()),
        size_(d_ + num_groups_ + prior.prepared().num_processes()),
        products_(size_ * size_, 0.0),
        singles_(size_, 0.0) {
    for (std::size_t a = 0; a < generators.terms().size(); ++a) {
      for (std::size_t b = 0; b < generators.terms().size(); ++b) {
        product(generators.parameter(a), generators.parameter(b)) += sums.traces(a, b);
      }
    }
    for (std::size_t e = 0; e < num_groups_; ++e) add_group(e, {prior, sums.moments[1 + e]});
    const ResponseMoments moments(prior, sums.moments[0]);
    for (std::size_t j = 0; j < prior.prepared().num_processes(); ++j) add_response(j, moments);
    for (std::size_t j = 0; j < prior.prepared().num_processes(); ++j) pair_response(j);
  }

  /** tr Sigma N_g on the diagonal of noise, less tr Sigma Q_i Sigma Q_j. */
  [[nodiscard]] std::vector<double> curvature() const {
    const auto& layout = prior_.prepared().layout();
    const auto& observations = prior_.prepared().observations();
    // Each component of theta as a sum of what is counted: a last group is what the others leave of its response.
    std::vector<std::vector<std::pair<std::size_t, double>>> parts(d_);
    for (std::size_t i = 0; i < d_; ++i) parts[i] = {{i, 1.0}};
    for (std::size_t group = 0; group < observations.size(); ++group) {
      auto& own = parts[layout.likelihood(group)[0]];
      own = {{d_ + num_groups_ + observations[group].process(), 1.0}};
      for (std::size_t e = 0; e < num_groups_; ++e) {
        if (generators_.groups()[e].group == group) own = {{d_ + e, 1.0}};
      }
      if (own.front().first < d_ + num_groups_) continue;
      for (std::size_t e = 0; e < num_groups_; ++e) {
        if (generators_.groups()[e].response == observations[group].process()) own.emplace_back(d_ + e, -1.0);
      }
    }
    std::vector<double> curvature(d_ * d_, 0.0);
    for (std::size_t i = 0; i < d_; ++i) {
      for (const auto& [a, left] : parts[i]) {
        curvature[i * d_ + i] += left * singles_[a];
        for (std::size_t j = 0; j < d_; ++j) {
          for (const auto& [b, right] : parts[j]) curvature[i * d_ + j] -= left * right * products_[a * size_ + b];
        }
      }
    }
    return curvature;
  }

 private:
  [[nodiscard]] double& product(std::size_t a, std::size_t b) { return products_[a * size_ + b]; }

  /** tr Sigma N = tr X - tr X Sigma Q~, tr Sigma N Sigma Q_i = tr X Sigma Q_i + tr Sigma G Sigma Q_i. */
  void add_group(std::size_t e, const ResponseMoments& moments) {
    const auto& group = generators_.groups()[e];
    const auto unknowns = static_cast<double>(prior_.prepared().num_nodes() * group.num_steps);
    const double of_prior = moments.prior_share(group.response);
    singles_[d_ + e] = unknowns - of_prior;
    product(d_ + e, d_ + e) += unknowns - 2.0 * of_prior;
    const auto own = moments.of_response(group.response);
    for (std::size_t i = 0; i < d_; ++i) {
      product(d_ + e, i) += own[i];
      product(i, d_ + e) = product(d_ + e, i);
    }
  }

  /** tr Sigma N_j Sigma Q_i = tr E_j Sigma Q_i + 1/2 tr Sigma Q_{s_j} Sigma Q_i, also for groups in the place of Q_i.
   */
  void add_response(std::size_t j, const ResponseMoments& moments) {
    const std::size_t own = d_ + num_groups_ + j;
    const auto unknowns = static_cast<double>(prior_.prepared().num_nodes() * prior_.prepared().num_steps());
    singles_[own] = unknowns - moments.prior_share(j);
    directions_.push_back(scaling_direction(prior_, j));
    auto traces = moments.of_response(j);
    for (const auto& group : generators_.groups()) {
      traces.push_back(group.response == j ? singles_[traces.size()] : 0.0);
    }
    for (std::size_t i = 0; i < traces.size(); ++i) {
      for (std::size_t p = 0; p < d_; ++p) traces[i] += 0.5 * directions_[j][p] * product(p, i);
      product(own, i) = traces[i];
      product(i, own) = traces[i];
    }
  }

  void pair_response(std::size_t j) {
    const std::size_t first = d_ + num_groups_;
    for (std::size_t k = 0; first + k < size_; ++k) {
      double trace = j == k ? singles_[first + j] : 0.0;
      for (std::size_t p = 0; p < d_; ++p) trace += 0.5 * directions_[j][p] * product(first + k, p);
      product(first + j, first + k) = trace;
    }
  }

  const PriorAtTheta& prior_;
  const ModeGenerators& generators_;
  std::size_t d_;
  std::size_t num_groups_;
  std::size_t size_;
  std::vector<double> products_;
  std::vector<double> singles_;  ///< tr Sigma N
  std::vector<std::vector<double>> directions_;
};

}  // namespace

std::vector<double> determinant_curvature(const PriorAtTheta& prior, const ModeGenerators& generators,
                                          const PairTraces& sums) {
  const auto& layout = prior.prepared().layout();
  const std::size_t d = layout.size();
  const ResponseMoments moments(prior, sums.moments[0]);
  auto curvature = DataTraces(prior, generators, sums).curvature();
  std::vector<bool> is_of_prior(d, false);
  for (std::size_t term = 0; term < generators.terms().size(); ++term) {
    if (generators.parameter(term) < d) is_of_prior[generators.parameter(term)] = true;
  }
  for (std::size_t j = 0; j < d; ++j) {
    if (!is_of_prior[j]) continue;
    const auto add = [&](double steps, double weight) {
      auto theta = prior.theta();
      theta[j] += steps * difference_step;
      const auto slope = moments.slope(theta);
      for (std::size_t i = 0; i < d; ++i) {
        const double share = 0.5 * weight / difference_step * slope[i];
        curvature[i * d + j] += share;
        curvature[j * d + i] += share;
      }
    };
    add(1.0, 2.0 / 3.0);
    add(-1.0, -2.0 / 3.0);
    add(2.0, -1.0 / 12.0);
    add(-2.0, 1.0 / 12.0);
  }
  return curvature;
}

}  // namespace tramontana

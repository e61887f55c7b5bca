// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tramontana/engine_model.hpp"

namespace tramontana {

/** A coregionalisation weight: v_target includes lambda * v_source. */
struct LambdaEntry {
  std::size_t target = 0;
  std::size_t source = 0;
  std::size_t theta_index = 0;
};

/** The likelihood parameters of one observation group, as the layout needs them. */
struct GroupParameters {
  std::size_t process = 0;
  std::vector<std::string> names;
};

/**
 * Where each quantity sits in theta.
 *
 * One process: [field parameters.., likelihood parameters of its first group]. Several: for each process [field
 * parameters without log sigma.., likelihood parameters of its first group], then every log sigma, then the lambdas by
 * target; for one target the nearest source first, so that three processes give (0->1), (1->2), (0->2). At the end, the
 * parameters of further groups and the log precision of each random effect.
 */
class ThetaLayout {
 public:
  /** @param groups  in order; each process has at least one */
  ThetaLayout(const std::vector<std::string>& field_parameter_names, std::size_t num_processes,
              const std::vector<GroupParameters>& groups, std::size_t num_random_effects);

  [[nodiscard]] std::size_t size() const { return names_.size(); }
  /** @throws InvalidModel unless theta has the right length and is finite */
  void check(std::span<const double> theta) const;
  [[nodiscard]] std::size_t num_processes() const { return field_.size(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /** Indices of the field parameters of a process, log sigma last. */
  [[nodiscard]] const std::vector<std::size_t>& field(std::size_t process) const { return field_[process]; }
  /** Indices of the likelihood parameters of an observation group. */
  [[nodiscard]] const std::vector<std::size_t>& likelihood(std::size_t group) const { return likelihood_[group]; }
  /** Index of the log precision of a random effect. */
  [[nodiscard]] std::size_t random_effect(std::size_t effect) const { return random_effects_[effect]; }
  [[nodiscard]] const std::vector<LambdaEntry>& lambdas() const { return lambdas_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<std::size_t>> field_;
  std::vector<std::vector<std::size_t>> likelihood_;
  std::vector<std::size_t> random_effects_;
  std::vector<LambdaEntry> lambdas_;
};

/** L = T^-1, the unit lower-triangular n_v x n_v matrix of v = L w (row-major). */
[[nodiscard]] std::vector<double> coregionalisation_matrix(const ThetaLayout& layout, std::span<const double> theta);

/**
 * Gradient by the lambdas from the gradient by the entries of L: dL/dlambda_ab = L e_a e_b' L.
 *
 * @param by_entry row-major n_v x n_v
 * @param gradient length of theta; the lambda entries are increased
 */
void add_lambda_gradient(const ThetaLayout& layout, std::span<const double> coregionalisation,
                         std::span<const double> by_entry, std::span<double> gradient);

}  // namespace tramontana

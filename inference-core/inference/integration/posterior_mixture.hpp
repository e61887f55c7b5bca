// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/criteria/criteria.hpp"
#include "inference/criteria/rinla_criteria.hpp"
#include "inference/integration/integration_point.hpp"
#include "inference/integration/mixture.hpp"

namespace tramontana {

/** Everything that an integration says of latent variables and data, as the mixture of the posteriors at its points. */
class PosteriorMixture {
 public:
  /** Both must outlive this object. */
  PosteriorMixture(const PreparedModel& model, const IntegrationOptions& options);

  /** The likelihoods' parameters at the mode of theta, which the deviance at the mean takes. */
  void set_mode(const PointSummary& mode) { mode_likelihood_parameters_ = mode.likelihood_parameters; }
  /** @param weight  positive, not normalised */
  void add(double weight, const PointSummary& found);
  /** Fills in summaries and criteria. */
  void finish(IntegrationResult& result) const;
  [[nodiscard]] double total_weight() const { return total_weight_; }

 private:
  [[nodiscard]] PointwiseTerms terms(const PointSummary& found, std::size_t g, std::size_t i) const;
  [[nodiscard]] double log_density_at(std::span<const double> parameters, std::size_t g, std::size_t i,
                                      double eta) const;
  void finish_criteria(IntegrationResult& result) const;

  const PreparedModel& model_;
  const IntegrationOptions& options_;
  std::vector<std::vector<double>> mode_likelihood_parameters_;
  double total_weight_ = 0.0;
  MixtureSum latent_;
  std::vector<std::vector<NormalComponent>> fixed_effects_;
  std::vector<MixtureSum> predictions_;
  std::vector<MixtureSum> observations_;
  std::vector<CriteriaSum> criteria_;
  std::vector<RinlaCriteriaSum> rinla_criteria_;
};

}  // namespace tramontana

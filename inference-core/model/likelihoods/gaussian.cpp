// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "model/likelihoods/likelihoods.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** N(eta, 1/(tau w)), parameter log tau. */
class GaussianLikelihood final : public LikelihoodModel {
 public:
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return {"log_noise_precision"}; }

  [[nodiscard]] LikelihoodTerms terms(const Datum& datum, double eta,
                                      std::span<const double> parameters) const override {
    const double precision = std::exp(parameters[0]) * datum.weight;
    const double residual = datum.y - eta;
    const double log_precision = parameters[0] + std::log(datum.weight);
    return {0.5 * (log_precision - std::log(2.0 * std::numbers::pi) - precision * residual * residual),
            precision * residual, precision, 0.0};
  }

  [[nodiscard]] ParameterTerms parameter_terms(const Datum& datum, double eta, std::span<const double> parameters,
                                               std::size_t) const override {
    const double precision = std::exp(parameters[0]) * datum.weight;
    const double residual = datum.y - eta;
    return {0.5 * (1.0 - precision * residual * residual), precision * residual, precision};
  }

  [[nodiscard]] double parameter_information(std::span<const double>, std::size_t) const override { return 0.5; }

  [[nodiscard]] double ascent_weight(const Datum& datum, double, std::span<const double> parameters) const override {
    return std::exp(parameters[0]) * datum.weight;
  }

  [[nodiscard]] double initial_predictor(const Datum& datum) const override { return datum.y; }

  [[nodiscard]] double cumulative(const Datum& datum, double eta, std::span<const double> parameters) const override {
    const double precision = std::exp(parameters[0]) * datum.weight;
    return normal_cumulative((datum.y - eta) * std::sqrt(precision));
  }

  [[nodiscard]] std::string complaint(const Datum&) const override { return {}; }
};

}  // namespace

const LikelihoodModel& gaussian_likelihood() {
  static const GaussianLikelihood likelihood;
  return likelihood;
}

}  // namespace tramontana

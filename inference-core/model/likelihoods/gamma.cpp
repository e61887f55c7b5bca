// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "model/likelihoods/likelihoods.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** Gamma with mean mu = e^eta and shape s = phi w: density (s/mu)^s y^(s-1) e^(-s y/mu) / Gamma(s); parameter log phi.
 */
class GammaLikelihood final : public LikelihoodModel {
 public:
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return {"log_gamma_precision"}; }

  [[nodiscard]] LikelihoodTerms terms(const Datum& datum, double eta,
                                      std::span<const double> parameters) const override {
    const double shape = std::exp(parameters[0]) * datum.weight;
    const double ratio = datum.y * std::exp(-eta);
    return {shape * (std::log(shape) - eta) + (shape - 1.0) * std::log(datum.y) - shape * ratio - std::lgamma(shape),
            shape * (ratio - 1.0), shape * ratio, -shape * ratio};
  }

  [[nodiscard]] ParameterTerms parameter_terms(const Datum& datum, double eta, std::span<const double> parameters,
                                               std::size_t) const override {
    const double shape = std::exp(parameters[0]) * datum.weight;
    const double ratio = datum.y * std::exp(-eta);
    return {shape * (std::log(shape) + 1.0 - eta + std::log(datum.y) - ratio - digamma(shape)), shape * (ratio - 1.0),
            shape * ratio};
  }

  [[nodiscard]] double parameter_information(std::span<const double> parameters, std::size_t) const override {
    const double shape = std::exp(parameters[0]);
    return shape * (shape * trigamma(shape) - 1.0);
  }

  [[nodiscard]] double ascent_weight(const Datum& datum, double eta,
                                     std::span<const double> parameters) const override {
    return terms(datum, eta, parameters).weight;
  }

  [[nodiscard]] double initial_predictor(const Datum& datum) const override { return std::log(datum.y); }

  [[nodiscard]] double cumulative(const Datum& datum, double eta, std::span<const double> parameters) const override {
    const double shape = std::exp(parameters[0]) * datum.weight;
    return incomplete_gamma(shape, shape * datum.y * std::exp(-eta));
  }

  [[nodiscard]] std::string complaint(const Datum& datum) const override {
    return datum.y > 0.0 ? std::string() : "be positive";
  }
};

}  // namespace

const LikelihoodModel& gamma_likelihood() {
  static const GammaLikelihood likelihood;
  return likelihood;
}

}  // namespace tramontana

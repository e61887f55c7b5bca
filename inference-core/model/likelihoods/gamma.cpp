// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

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
    const double log_y = std::log(datum.y);
    // shape log shape - shape - log Gamma(shape) and shape (log ratio + 1 - ratio), the large parts of each together.
    const double log_density = 0.5 * std::log(shape / (2.0 * std::numbers::pi)) - stirling_error(shape) -
                               shape * excess_of_exp(log_y - eta) - log_y;
    return {log_density, shape * (ratio - 1.0), shape * ratio, -shape * ratio};
  }

  [[nodiscard]] ParameterTerms parameter_terms(const Datum& datum, double eta, std::span<const double> parameters,
                                               std::size_t) const override {
    const double shape = std::exp(parameters[0]) * datum.weight;
    const double ratio = datum.y * std::exp(-eta);
    return {shape * (log_minus_digamma(shape) - excess_of_exp(std::log(datum.y) - eta)), shape * (ratio - 1.0),
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

// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "model/likelihoods/likelihoods.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** Counts with mean E e^eta. */
class PoissonLikelihood final : public LikelihoodModel {
 public:
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return {}; }

  [[nodiscard]] LikelihoodTerms terms(const Datum& datum, double eta, std::span<const double>) const override {
    const double mean = datum.exposure * std::exp(eta);
    return {log_density(datum, eta, mean), datum.y - mean, mean, mean};
  }

  [[nodiscard]] ParameterTerms parameter_terms(const Datum&, double, std::span<const double>,
                                               std::size_t) const override {
    return {};
  }

  [[nodiscard]] double parameter_information(std::span<const double>, std::size_t) const override { return 0.0; }

  [[nodiscard]] double ascent_weight(const Datum& datum, double eta, std::span<const double>) const override {
    return datum.exposure * std::exp(eta);
  }

  /** Half a count is added: zeros have a predictor, too. */
  [[nodiscard]] double initial_predictor(const Datum& datum) const override {
    return std::log((datum.y + 0.5) / datum.exposure);
  }

  [[nodiscard]] double dropped_constant(const Datum& datum) const override {
    return datum.y * std::log(datum.exposure) - log_gamma(datum.y + 1.0);
  }

  [[nodiscard]] double cumulative(const Datum& datum, double eta, std::span<const double>) const override {
    return 1.0 - incomplete_gamma(datum.y + 1.0, datum.exposure * std::exp(eta));
  }

  [[nodiscard]] std::string complaint(const Datum& datum) const override {
    if (datum.y < 0.0 || datum.y != std::floor(datum.y)) return "be counts (whole and not negative)";
    return {};
  }

 private:
  /** y log mean - mean - log y!, its large parts taken together [Loader2000]. */
  [[nodiscard]] static double log_density(const Datum& datum, double eta, double mean) {
    if (datum.y == 0.0) return -mean;
    const double from_saturated = eta - std::log(datum.y / datum.exposure);
    return -datum.y * excess_of_exp(from_saturated) - stirling_error(datum.y) -
           0.5 * std::log(2.0 * std::numbers::pi * datum.y);
  }
};

}  // namespace

const LikelihoodModel& poisson_likelihood() {
  static const PoissonLikelihood likelihood;
  return likelihood;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "model/likelihoods/likelihoods.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** log(1 + e^x) without overflow. */
double log_one_plus_exp(double x) { return x > 0.0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/** y successes of n trials, success probability 1 / (1 + e^-eta). */
class BinomialLikelihood final : public LikelihoodModel {
 public:
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return {}; }

  [[nodiscard]] LikelihoodTerms terms(const Datum& datum, double eta, std::span<const double>) const override {
    const double n = datum.exposure;
    const double p = 1.0 / (1.0 + std::exp(-eta));
    const double q = 1.0 / (1.0 + std::exp(eta));
    // y - n p, of which nothing would be left where nearly all trials succeed.
    const double score = datum.y * q - (n - datum.y) * p;
    return {log_density(datum, eta), score, n * p * q, n * p * q * (q - p)};
  }

  [[nodiscard]] ParameterTerms parameter_terms(const Datum&, double, std::span<const double>,
                                               std::size_t) const override {
    return {};
  }

  [[nodiscard]] double parameter_information(std::span<const double>, std::size_t) const override { return 0.0; }

  [[nodiscard]] double ascent_weight(const Datum& datum, double eta,
                                     std::span<const double> parameters) const override {
    return terms(datum, eta, parameters).weight;
  }

  [[nodiscard]] double initial_predictor(const Datum& datum) const override {
    return std::log((datum.y + 0.5) / (datum.exposure - datum.y + 0.5));
  }

  [[nodiscard]] double cumulative(const Datum& datum, double eta, std::span<const double>) const override {
    if (datum.y >= datum.exposure) return 1.0;
    return incomplete_beta(datum.exposure - datum.y, datum.y + 1.0, 1.0 / (1.0 + std::exp(eta)));
  }

  [[nodiscard]] std::string complaint(const Datum& datum) const override {
    if (datum.exposure != std::floor(datum.exposure)) return "have whole numbers of trials as exposure";
    if (datum.y < 0.0 || datum.y > datum.exposure || datum.y != std::floor(datum.y)) {
      return "be whole and between 0 and the trials";
    }
    return {};
  }

 private:
  /** log of n over y, p^y and q^(n - y), their large parts taken together [Loader2000]. */
  [[nodiscard]] static double log_density(const Datum& datum, double eta) {
    const double n = datum.exposure;
    const double failures = n - datum.y;
    const double log_p = -log_one_plus_exp(-eta);
    const double log_q = -log_one_plus_exp(eta);
    if (datum.y == 0.0) return n * log_q;
    if (failures == 0.0) return n * log_p;
    const double deviance = datum.y * excess_of_exp(log_p - std::log(datum.y / n)) +
                            failures * excess_of_exp(log_q - std::log(failures / n));
    return stirling_error(n) - stirling_error(datum.y) - stirling_error(failures) - deviance +
           0.5 * std::log(n / (2.0 * std::numbers::pi * datum.y * failures));
  }
};

}  // namespace

const LikelihoodModel& binomial_likelihood() {
  static const BinomialLikelihood likelihood;
  return likelihood;
}

}  // namespace tramontana

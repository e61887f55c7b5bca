// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "model/likelihoods/likelihoods.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/**
 * sqrt(tau w) (y - eta) ~ t_nu scaled to unit variance, as R-INLA has it; parameters log tau and log(nu - 2).
 *
 * With a = tau w / (nu - 2) and u = a (y - eta)^2: l' = (nu + 1) a r / (1 + u), W = (nu + 1) a (1 - u) / (1 + u)^2,
 * which is negative for an outlier.
 */
class StudentTLikelihood final : public LikelihoodModel {
 public:
  [[nodiscard]] std::vector<std::string> parameter_names() const override {
    return {"log_noise_precision", "log_degrees_of_freedom_above_2"};
  }

  [[nodiscard]] LikelihoodTerms terms(const Datum& datum, double eta,
                                      std::span<const double> parameters) const override {
    const auto s = shape(datum, eta, parameters);
    const double one = 1.0 + s.u;
    // log Gamma(h + 1/2) - log Gamma(h) with h = nu/2; both are large where the tails are nearly normal.
    const double h = 0.5 * s.nu;
    const double log_gamma_ratio =
        stirling_error(h + 0.5) - stirling_error(h) + h * std::log1p(0.5 / h) - 0.5 + 0.5 * std::log(h);
    const double log_density =
        log_gamma_ratio + 0.5 * (std::log(s.a) - std::log(std::numbers::pi)) - 0.5 * (s.nu + 1.0) * std::log1p(s.u);
    const double front = (s.nu + 1.0) * s.a;
    return {log_density, front * s.residual / one, front * (1.0 - s.u) / (one * one),
            -front * 2.0 * s.a * s.residual * (s.u - 3.0) / (one * one * one)};
  }

  [[nodiscard]] ParameterTerms parameter_terms(const Datum& datum, double eta, std::span<const double> parameters,
                                               std::size_t index) const override {
    const auto s = shape(datum, eta, parameters);
    const double one = 1.0 + s.u;
    const double front = (s.nu + 1.0) * s.a;
    // By log a; log tau moves nothing else.
    const ParameterTerms by_log_a{0.5 - 0.5 * (s.nu + 1.0) * s.u / one, front * s.residual / (one * one),
                                  front * ((1.0 - s.u) / (one * one) + s.u * (s.u - 3.0) / (one * one * one))};
    if (index == 0) return by_log_a;
    const double k = s.nu - 2.0;
    const double h = 0.5 * s.nu;
    const double digamma_step = std::log1p(0.5 / h) - log_minus_digamma(h + 0.5) + log_minus_digamma(h);
    const double by_nu = 0.5 * (digamma_step - std::log1p(s.u));
    return {k * by_nu - by_log_a.log_density_slope, k * s.a * s.residual / one - by_log_a.score_slope,
            k * s.a * (1.0 - s.u) / (one * one) - by_log_a.weight_slope};
  }

  [[nodiscard]] double parameter_information(std::span<const double> parameters, std::size_t index) const override {
    const double k = std::exp(parameters[1]);
    const double nu = 2.0 + k;
    const double of_scale = 0.5 * nu / (nu + 3.0);
    if (index == 0) return of_scale;
    const double of_nu =
        0.25 * (trigamma(0.5 * nu) - trigamma(0.5 * (nu + 1.0))) - 0.5 * (nu + 5.0) / (nu * (nu + 1.0) * (nu + 3.0));
    return std::max(k * k * of_nu, 1e-6);
  }

  /** The weight of iteratively reweighted least squares, which never steps down. */
  [[nodiscard]] double ascent_weight(const Datum& datum, double eta,
                                     std::span<const double> parameters) const override {
    const auto s = shape(datum, eta, parameters);
    return (s.nu + 1.0) * s.a / (1.0 + s.u);
  }

  [[nodiscard]] double initial_predictor(const Datum& datum) const override { return datum.y; }

  /** The predictor has the units of y: the noise is the measure, and for hardly any noise what rounding leaves. */
  [[nodiscard]] double resolution(const Datum& datum, double eta, std::span<const double> parameters) const override {
    return std::exp(-0.5 * parameters[0]) / std::sqrt(datum.weight) + 1e-6 * std::abs(eta);
  }

  [[nodiscard]] double cumulative(const Datum& datum, double eta, std::span<const double> parameters) const override {
    const auto s = shape(datum, eta, parameters);
    // u = t^2 / nu with t of nu degrees of freedom; the tail beyond |t| is half of I_{1 / (1 + u)}(nu/2, 1/2).
    const double tail = 0.5 * incomplete_beta(0.5 * s.nu, 0.5, 1.0 / (1.0 + s.u));
    return s.residual > 0.0 ? 1.0 - tail : tail;
  }

  [[nodiscard]] std::string complaint(const Datum&) const override { return {}; }

 private:
  struct Shape {
    double nu, a, residual, u;
  };

  [[nodiscard]] static Shape shape(const Datum& datum, double eta, std::span<const double> parameters) {
    const double k = std::exp(parameters[1]);
    const double a = std::exp(parameters[0] - parameters[1]) * datum.weight;
    const double residual = datum.y - eta;
    return {2.0 + k, a, residual, a * residual * residual};
  }
};

}  // namespace

const LikelihoodModel& student_t_likelihood() {
  static const StudentTLikelihood likelihood;
  return likelihood;
}

}  // namespace tramontana

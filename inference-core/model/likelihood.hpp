// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tramontana/engine_model.hpp"

namespace tramontana {

/** An observation as its likelihood sees it. */
struct Datum {
  double y = 0.0;       ///< on the scale of the predictor, where the response is transformed
  double weight = 1.0;  ///< relative precision
  double exposure = 1.0;
};

/** log p(y | eta) and its derivatives by the predictor eta. */
struct LikelihoodTerms {
  double log_density = 0.0;   ///< all constants included
  double score = 0.0;         ///< l'
  double weight = 0.0;        ///< W = -l''
  double weight_slope = 0.0;  ///< dW / d eta
};

/** Derivatives by one parameter of the likelihood. */
struct ParameterTerms {
  double log_density_slope = 0.0;
  double score_slope = 0.0;
  double weight_slope = 0.0;
};

/**
 * The distribution of observations given their predictors. A new likelihood is one file; recursion, inner mode and
 * gradient need nothing else of it.
 */
class LikelihoodModel {
 public:
  virtual ~LikelihoodModel() = default;

  /** Names of the parameters, all unconstrained. */
  [[nodiscard]] virtual std::vector<std::string> parameter_names() const = 0;
  [[nodiscard]] virtual LikelihoodTerms terms(const Datum& datum, double eta,
                                              std::span<const double> parameters) const = 0;
  [[nodiscard]] virtual ParameterTerms parameter_terms(const Datum& datum, double eta,
                                                       std::span<const double> parameters, std::size_t index) const = 0;
  /** Expected information on a parameter from one observation: curvature for the optimiser, not for the gradient. */
  [[nodiscard]] virtual double parameter_information(std::span<const double> parameters, std::size_t index) const = 0;
  /** A positive W for a step that always ascends; W itself where the log density is concave. */
  [[nodiscard]] virtual double ascent_weight(const Datum& datum, double eta,
                                             std::span<const double> parameters) const = 0;
  /** A predictor near which the search for the mode may start. */
  [[nodiscard]] virtual double initial_predictor(const Datum& datum) const = 0;
  /** What the predictor is told apart by near eta: of logs of means and odds, a unit and a share of eta. */
  [[nodiscard]] virtual double resolution(const Datum&, double eta, std::span<const double>) const {
    return 1.0 + std::abs(eta);
  }
  /** P(Y <= y | eta). */
  [[nodiscard]] virtual double cumulative(const Datum& datum, double eta, std::span<const double> parameters) const = 0;
  /** The part of log_density that the objective leaves out (log y! of counts, by convention). */
  [[nodiscard]] virtual double dropped_constant(const Datum&) const { return 0.0; }
  /** What y, weight and exposure must be, or nothing when they are fine. */
  [[nodiscard]] virtual std::string complaint(const Datum& datum) const = 0;
};

[[nodiscard]] const LikelihoodModel& likelihood_model(Likelihood likelihood);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tramontana/engine.hpp"

/**
 * The posterior with theta integrated out, after the mode and the covariance of theta are known from fit().
 *
 *     p(x | y) = sum_k w_k p_G(x | y, theta_k),   w_k proportional to Delta_k p(theta_k | y),
 *
 * over a lattice or, where that costs too much, a central composite design in z, theta = mode + V Lambda^1/2 z with V
 * Lambda V' the covariance of theta [Rue2009, section 6.5]. Along each axis and direction the design is stretched by
 * the standard deviation that matches log p(theta | y) at z = sqrt(2), so that skewness of the posterior of theta moves
 * the points. The weights Delta_k give the standard normal density its normalisation and E z'z = d exactly:
 *
 *     Delta = 1 / ((n - 1) (1 + e^(-r^2/2) (r^2/d - 1))),   r = f0 sqrt(d),   Delta_0 = 1 - (n - 1) Delta.
 *
 * p_G has the mean that is nearest to the posterior in the Kullback-Leibler sense, which for likelihoods that are not
 * Gaussian is not the mode [VanNiekerkRue2024].
 */
namespace tramontana {

enum class IntegrationStrategy {
  automatic,  ///< the lattice where it takes seconds, the composite design elsewhere; or within `most_evaluations`
  /**
   * All theta that matter: sums over a body-centred lattice, along axes made normal by their stretch, from the mode out
   * to where the density has fallen by e^9, or e^(6 + d). Right for any smooth posterior of one mode, whatever its
   * shape: about 20, 70, 180, 500 and 1500 points for d = 1 to 5. At most 8 components may vary.
   */
  lattice,
  central_composite,  ///< 1 + 2 d + 2^(d - p) points, resolution V [Sanchez2005]
  empirical_bayes,    ///< the mode alone
  /**
   * The same design at radius 1 with equal Delta_k, as R-INLA of June 2026 has it with int.strategy = "ccd"
   * (approx-inference.c scales and weighs the points for "grid" alone). Its points hold about 1/d of the variance of
   * theta, so it is only there to compare with R-INLA.
   */
  rinla_composite,
  /**
   * 2 d points at sqrt(d) standard deviations along the axes of the covariance of theta, of equal weight: exact to the
   * third moment of a normal posterior. For complete grids, whose composite likelihood gives no density to weigh with.
   */
  cubature,
};

struct IntegrationOptions {
  IntegrationStrategy strategy = IntegrationStrategy::automatic;
  /**
   * Factorisations that may be taken. `automatic` is the lattice where it is expected to keep to them, else the
   * composite design, else the mode alone; a lattice whose posterior is wider than expected leaves out the points that
   * weigh least. Without a limit the choice is by flops, and the mode alone is never taken.
   */
  std::optional<double> most_evaluations;
  /** f0: the design lies on the sphere of radius f0 sqrt(d) in z, stretched. At least 1. */
  double radius_factor = 1.1;
  /** Mean and standard deviation of every latent variable. */
  bool latent = true;
  /** DIC, WAIC, CPO and PIT. */
  bool criteria = true;
  /** DIC and WAIC once more, as R-INLA's quadrature rounds them; needs `criteria`. */
  bool rinla_criteria = false;
  /** Predictors to be summarised. */
  std::vector<PredictionDesign> predictions;
  EvaluationOptions evaluation;
  /** Called with (points done, points in all) from the calling thread. */
  std::function<void(int, int)> on_progress;

  /** @throws InvalidModel naming the option */
  void validate() const;
};

/** One point of the design. */
struct IntegrationPoint {
  std::vector<double> theta;
  std::vector<double> z;       ///< standardised coordinates of the free components
  double log_posterior = 0.0;  ///< log p(y | theta) + log p(theta), all constants; -inf where it cannot be factorised
  double weight = 0.0;         ///< normalised
};

/** Summary of one univariate posterior. */
struct MarginalSummary {
  double mean = 0.0;
  double sd = 0.0;
  std::array<double, 3> quantiles{};  ///< .025, .5, .975
};

/** A univariate posterior with its density on a grid; both empty for a fixed component. */
struct MarginalDensity : MarginalSummary {
  std::vector<double> grid;     ///< ascending
  std::vector<double> density;  ///< integrates to one
};

/**
 * The posterior of one component of theta, on the internal scale and on the natural one: sums over the lattice, or the
 * skewness-corrected normal approximation of p(theta | y), marginalised exactly (a convolution of split normals).
 */
struct ThetaMarginal {
  std::string name;
  /** Quantity on the natural scale: exp of a log, the correlation of rho_internal, the component itself otherwise. */
  std::string natural_name;
  MarginalDensity internal;
  MarginalDensity natural;
};

/** Leave-one-out quantities of one group, in the order of the group's observations. */
struct GroupCriteria {
  std::vector<double> log_cpo;  ///< log p(y_i | y without i)
  std::vector<double> pit;      ///< P(Y_i <= y_i | y without i)
};

/**
 * DIC and WAIC as R-INLA's program evaluates their definitions [Rue2009; R-INLA of June 2026, GMRFLib_ai_dic_integrate,
 * GMRFLib_ai_po_integrate]: expectations over eta by 15 Gauss-Hermite nodes, where a log density that lies more than
 * half the square of the largest node (20.25) below the greatest counts as zero, and the density as zero with it;
 * expected densities are at least the machine's epsilon. Without outlying observations they equal the exact ones; a few
 * dozen outliers in thousands move DIC by hundreds. Only to compare with R-INLA.
 */
struct RinlaCriteria {
  double dic = 0.0;
  double dic_effective_parameters = 0.0;
  double waic = 0.0;
  double waic_effective_parameters = 0.0;
};

/**
 * Model criteria, defined as in R-INLA; deviances are -2 log p(y_i | eta_i, theta) with all constants.
 *
 * DIC = mean deviance + p_eff with p_eff = mean deviance - deviance at the posterior mean of eta and the mode of theta
 * [Spiegelhalter2002]; WAIC = -2 sum_i (log E p_i - Var log p_i), both over the mixture [Watanabe2010]; CPO from the
 * cavity of each observation, 1/CPO_i = sum_k w_k / CPO_ik [Held2010].
 */
struct ModelCriteria {
  double mean_deviance = 0.0;
  double deviance_at_mean = 0.0;
  double dic = 0.0;
  double dic_effective_parameters = 0.0;
  double waic = 0.0;
  double waic_effective_parameters = 0.0;
  /** -mean of log CPO. */
  double log_score = 0.0;
  std::vector<GroupCriteria> groups;
  /** Present with `rinla_criteria`. */
  std::optional<RinlaCriteria> rinla;
};

/** Mean and standard deviation of a mixture, elementwise. */
struct MixtureMoments {
  std::vector<double> mean;
  std::vector<double> sd;
};

/** Evaluations that strategies take for the components that vary, about; infinite where they do not serve. */
struct ExpectedEvaluations {
  double lattice = 1.0;
  double central_composite = 1.0;
};

struct IntegrationResult {
  IntegrationStrategy strategy = IntegrationStrategy::automatic;  ///< what was done; never automatic
  ExpectedEvaluations expected_evaluations;
  std::vector<IntegrationPoint> points;
  /** log p(y) from the normal approximation of p(theta | y). */
  double log_marginal_likelihood_gaussian = 0.0;
  /** log p(y) as the sum over the lattice, or from the skewness-corrected normal approximation. */
  double log_marginal_likelihood = 0.0;
  /** Standard deviations along the axes relative to the normal approximation, for z < 0 and z > 0. */
  std::vector<std::array<double, 2>> axis_stretch;
  std::vector<ThetaMarginal> theta;
  std::vector<MarginalSummary> fixed_effects;
  MixtureMoments latent;                     ///< v by step, process, node, then fixed effects; empty without `latent`
  std::vector<MixtureMoments> predictions;   ///< [time_indices, num_rows] a design
  std::vector<MixtureMoments> observations;  ///< of eta, a group, in its own order; empty without `criteria`
  ModelCriteria criteria;                    ///< empty groups without `criteria`
  int evaluations = 0;                       ///< factorisations
  int failed_points = 0;                     ///< points of the design that could not be factorised; weight 0
  double seconds = 0.0;
};

/**
 * Integrates theta out.
 *
 * Cost: 2 d factorisations for the axes and, for each point, one factorisation and one selected inverse; points run
 * side by side where that is quicker. Memory: two posteriors.
 *
 * @param mode              mode of log p(theta | y)
 * @param theta_covariance  row-major d x d; components with zero variance are taken as fixed
 * @throws InvalidModel, NotPositiveDefinite at the mode, Interrupted
 */
[[nodiscard]] IntegrationResult integrate(const PreparedModel& model, std::span<const double> mode,
                                          std::span<const double> theta_covariance, const IntegrationOptions& options,
                                          const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

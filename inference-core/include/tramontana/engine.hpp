// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tramontana/cancellation.hpp"
#include "tramontana/engine_model.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

class Backend;
class Communicator;
class PreparedModel;

/** Version of the library. */
[[nodiscard]] std::string engine_version();

/** The backend on the processor (BLAS and LAPACK). */
[[nodiscard]] const Backend& host_backend();

/** Names of the backends that this build has: "host", "reference". */
[[nodiscard]] std::vector<std::string> compiled_backends();

/**
 * A backend by its name; it must outlive what is made with it.
 *
 * @throws NotCompiled   a backend that this build does not have ("cuda")
 * @throws InvalidModel  a name that is none; the message has those that are
 */
[[nodiscard]] std::shared_ptr<const Backend> make_backend(std::string_view name);

/**
 * Threads of the linear algebra of this process. Results depend on the number in their last bits, and on nothing else
 * that goes on in the process: computations may run side by side. The engine keeps account of the threads of OpenBLAS,
 * which nothing else in the process may set.
 *
 * @throws InvalidModel unless in 1..1024
 */
void set_num_threads(int num_threads);

/** Computations of the calling thread keep the present number, whatever set_num_threads() says later. */
void fix_num_threads();

/**
 * Eigen-decomposition of K = C0^-1/2 G1 C0^-1/2; depends on the mesh alone, so it is worth caching with the mesh.
 *
 * @param c0  lumped mass, positive, length n_s
 * @param g1  stiffness, symmetric, both triangles
 * @throws InvalidModel
 */
[[nodiscard]] SpectralBasis spectral_basis(std::span<const double> c0, const CsrMatrix& g1, const Backend& backend);

/**
 * Validates a model and computes all that does not depend on theta: spectral basis, observation patterns, projected
 * data.
 *
 * The result is immutable and may be shared by threads. `backend` must outlive it.
 *
 * @throws InvalidModel  naming the field, the expectation and the value
 */
[[nodiscard]] std::shared_ptr<const PreparedModel> prepare_model(EngineModel model, const Backend& backend);

/** Names of the components of theta, in order. */
[[nodiscard]] const std::vector<std::string>& theta_names(const PreparedModel& model);

/**
 * The same without data; those of a grid are those of the model with its groups.
 *
 * @throws InvalidModel unless the groups observe every process from 0 on
 */
[[nodiscard]] std::vector<std::string> theta_names(const ModelOutline& outline);

struct EvaluationOptions {
  bool gradient = false;
  bool latent = false;
  /**
   * Basis of the posterior recursion: spectral (accurate for graded blocks) or nodal (sparse couplings). `automatic` is
   * nodal for likelihoods that are not Gaussian, whose weights change with every step of the search for the mode.
   */
  enum class Coordinates { automatic, spectral, nodal } coordinates = Coordinates::automatic;
  /** How the selected inverse is computed; `automatic` takes the cheaper. */
  enum class SelectedInverse {
    automatic,
    backward,
    two_filter,
    two_sided
  } selected_inverse = SelectedInverse::automatic;
  /** Relative remainder at which equal steps reuse a converged block; 0 switches it off. */
  double steady_state_tolerance = 1e-13;
  /**
   * Ranks that call together, each with the same model and arguments; null: this one alone. They share the steps of one
   * evaluation, or several evaluations, whichever counts as quicker, and all get the same results: those of one rank to
   * 1e-10. It must outlive the call.
   */
  const Communicator* ranks = nullptr;
  /** Evaluations at a time, each on an equal part of the ranks; 0: by counting what is quickest. */
  int rank_groups = 0;
};

/** One evaluation; vectors that were not asked for are empty. */
struct Evaluation {
  /** -[log p(theta) + log p(y|x*) + log p(x*|theta) - log p_G(x*|y)] without (m/2) log 2 pi and Gaussian-prior
   * normalisers. */
  double objective = 0.0;
  std::vector<double> gradient;
  std::vector<double> latent_mean;         ///< v by step, process, node; fixed effects last
  std::vector<double> marginal_variances;  ///< same order
  std::vector<double> fixed_effect_means;
  std::vector<double> fixed_effect_covariance;  ///< row-major
  double log_determinant_prior = 0.0;
  double log_determinant_posterior = 0.0;
  double log_marginal_likelihood = 0.0;  ///< log p(y | theta), all constants included (Laplace unless Gaussian)
  double log_posterior = 0.0;            ///< log p(y | theta) + log p(theta), all constants included
  int inner_iterations = 1;              ///< factorisations of the search for the mode
  std::string recursion;
  double seconds = 0.0;
};

/**
 * Evaluates the objective of docs/mathematics.md, section 2, at theta, and what the options ask for.
 *
 * Cost for n = n_v n_s: n^3 flops a distinct step, plus 2 n^3 with gradient or latent.
 *
 * @throws InvalidModel         theta has the wrong length or is not finite
 * @throws NotPositiveDefinite  with block, pivot and theta
 * @throws Interrupted
 */
[[nodiscard]] Evaluation evaluate(const PreparedModel& model, std::span<const double> theta,
                                  const EvaluationOptions& options, const CancellationToken* cancellation = nullptr);

/** Predictor rows to be summarised: the same rows at each of the given steps. */
struct PredictionDesign {
  std::int32_t process = 0;
  std::vector<std::int32_t> time_indices;
  CsrMatrix projector;  ///< num_rows x n_s
  std::vector<double>
      covariates;  ///< row-major num_rows x p: fixed effects of that process, then its random effects' levels
};

/** Posterior moments of the predictor without noise, row-major [time_indices, num_rows]. */
struct PredictionMoments {
  std::vector<double> mean;
  std::vector<double> variance;
};

/**
 * Exact posterior mean and variance of linear predictors within one time step, fixed effects and their cross-covariance
 * included. One factorisation and one selected inverse serve all designs.
 *
 * @throws as evaluate()
 */
[[nodiscard]] std::vector<PredictionMoments> predict(const PreparedModel& model, std::span<const double> theta,
                                                     std::span<const PredictionDesign> designs,
                                                     const EvaluationOptions& options = {},
                                                     const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

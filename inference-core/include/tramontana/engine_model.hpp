// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tramontana {

/** Compressed sparse rows; column indices need not be sorted, duplicates add up. */
struct CsrMatrix {
  std::int32_t num_rows = 0;
  std::int32_t num_columns = 0;
  std::vector<std::int32_t> row_pointers;    ///< length num_rows + 1
  std::vector<std::int32_t> column_indices;  ///< 0-based
  std::vector<double> values;
};

enum class ModelKind {
  spatio_temporal,  ///< "121" diffusion, linear elements in time
  exact_diffusion,  ///< the same field, exact at whole time steps
  spatial,          ///< Matern, one time step
  separable,        ///< AR(1) x Matern
};
enum class Manifold { plane, sphere };

/** Log prior of one component of theta, on the internal scale; normalisers of Gaussian priors are dropped. */
struct ThetaPrior {
  enum class Kind {
    gaussian,
    spatial_range,           ///< penalised complexity on the range in two dimensions [Fuglstad2019]
    temporal_range,          ///< penalised complexity on the range in one dimension
    sigma,                   ///< exponential on a standard deviation whose log is theta
    noise_sd,                ///< exponential on a standard deviation; theta is the log precision
    noise_precision_compat,  ///< the sigma form put on a log precision, as the peers do
    log_gamma,               ///< Gamma(shape, rate) on a precision whose log is theta
    fixed,                   ///< held at `mean`: no part of the search, its variance is zero
  };
  Kind kind = Kind::gaussian;
  double mean = 0.0;       ///< gaussian; the value of a fixed component
  double precision = 0.0;  ///< gaussian only
  double lambda = 0.0;     ///< rate of the penalised-complexity priors
  double shape = 1.0;      ///< log_gamma only
  double rate = 0.0;       ///< log_gamma only
};

/** Distribution of an observation given its linear predictor eta. */
enum class Likelihood {
  gaussian,   ///< N(eta, 1/(tau w)); parameter log tau
  poisson,    ///< mean E e^eta; no parameter
  binomial,   ///< n trials with success probability 1/(1 + e^-eta); no parameter
  gamma,      ///< mean e^eta, variance e^2eta / (phi w); parameter log phi
  student_t,  ///< eta + t_nu scaled to the variance 1/(tau w); parameters log tau, log(nu - 2)
};

/** The scale on which a response is modelled; criteria and densities stay those of the response itself. */
enum class ResponseTransform { identity, log, square_root };

/**
 * Observations of one process with one likelihood and one set of its parameters. Each belongs to one time step; its
 * projector row weighs mesh nodes. Several groups may observe one process, such as gridded analyses and stations.
 */
struct ObservationGroup {
  std::int32_t process = 0;
  Likelihood likelihood = Likelihood::gaussian;
  ResponseTransform transform = ResponseTransform::identity;  ///< gaussian and student_t only
  std::vector<double> y;                                      ///< on the response's own scale
  std::vector<std::int32_t> time_index;                       ///< 0-based
  CsrMatrix projector;                                        ///< num_observations x n_s
  std::vector<double> covariates;                             ///< row-major, num_observations x num_covariates
  std::int32_t num_covariates = 0;
  std::vector<double> weights;   ///< w: relative precisions (gaussian, gamma, student_t); empty means 1
  std::vector<double> exposure;  ///< E of poisson, n of binomial; empty means 1
  /** For each random effect of the process, in their order, the level of each observation, or -1 for none. */
  std::vector<std::vector<std::int32_t>> effect_levels;
};

/**
 * A small extra block of the latent variables: num_levels values b ~ N(0, (e^theta R)^-1) that enter the predictors of
 * one process. They stand in the border, beside the fixed effects of their process.
 */
struct RandomEffect {
  enum class Structure {
    iid,          ///< R = I: stations, weekdays
    cyclic_walk,  ///< R = differences around a circle + 11'/num_levels: seasons; the last term makes it proper
  };
  std::int32_t process = 0;
  std::int32_t num_levels = 0;
  Structure structure = Structure::iid;
};

/** Temporal P1 matrices: M0 and M1 diagonal, M2 tridiagonal. */
struct TemporalMatrices {
  std::vector<double> m0;
  std::vector<double> m1;
  std::vector<double> m2_diagonal;
  std::vector<double> m2_off_diagonal;  ///< length n_t - 1
};

/** K = C0^-1/2 G1 C0^-1/2 = V diag(eigenvalues) V'. */
struct SpectralBasis {
  std::vector<double> eigenvalues;   ///< ascending
  std::vector<double> eigenvectors;  ///< column-major n_s x n_s
};

/**
 * A complete statistical model, conventions as in docs/notation.md.
 *
 * eta_g = A_g v_j + X_g beta_j + Z_g b_j for each group g of observations of process j; v are coregionalised Gaussian
 * fields on n_s nodes and n_t time steps, v_j = s_j u_j + sum_{i<j} lambda_ji v_i.
 */
struct EngineModel {
  ModelKind kind = ModelKind::spatio_temporal;
  Manifold manifold = Manifold::plane;
  std::optional<std::int32_t>
      sphere_series_terms;  ///< truncates the sphere's variance series; absent: series plus tail
  std::int32_t num_time_steps = 1;
  std::vector<double> c0;                       ///< lumped mass, length n_s
  CsrMatrix g1;                                 ///< stiffness, both triangles
  std::optional<TemporalMatrices> temporal;     ///< spatio_temporal only
  std::optional<SpectralBasis> spectral_basis;  ///< computed when absent
  std::vector<ObservationGroup> observations;   ///< at least one a process
  std::vector<RandomEffect> random_effects;
  double fixed_effects_prior_precision = 0.001;
  std::vector<ThetaPrior> priors;  ///< one a component of theta
};

/** The part of a model that gives theta its components. */
struct ModelOutline {
  struct Group {
    std::int32_t process = 0;
    Likelihood likelihood = Likelihood::gaussian;
  };
  ModelKind kind = ModelKind::spatio_temporal;
  std::vector<Group> groups;
  std::int32_t num_random_effects = 0;
};

}  // namespace tramontana

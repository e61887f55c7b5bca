// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/dual.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** Powers of K = C0^-1/2 G1 C0^-1/2 that a precision may hold: C0, G1, G2 and G3. */
inline constexpr std::size_t num_spatial_powers = 4;
/** Temporal matrices a precision may hold. */
inline constexpr std::size_t max_temporal_terms = 3;
/** Parameters of one latent field. */
inline constexpr std::size_t max_field_parameters = 3;

/** c[r][p] of Q = sum_rp c[r][p] M_r (x) C0^1/2 K^p C0^1/2. */
template <class Scalar>
using CoefficientTable = std::array<std::array<Scalar, num_spatial_powers>, max_temporal_terms>;

using FieldDual = Dual<max_field_parameters>;
using FieldCoefficients = CoefficientTable<FieldDual>;

/** A symmetric tridiagonal temporal matrix. */
struct TemporalTerm {
  std::vector<double> diagonal;
  std::vector<double> off_diagonal;  ///< length n_t - 1
};

/** c_r at one spatial mode, with the derivatives by the field's parameters. */
using ModeCoefficients = std::array<FieldDual, max_temporal_terms>;

/**
 * A mode as a stationary process at whole time steps: covariance variance * correlation^lag, with the derivatives by
 * the field's parameters.
 */
struct ModeLaw {
  FieldDual variance;
  FieldDual correlation;
};

/**
 * A latent Gaussian field that is independent from mode to mode of K = V diag(lam) V': in spectral coordinates its
 * precision is sum_r M_r (x) diag(c_r(lam_i; theta)).
 *
 * A new field is one file: its temporal matrices and its coefficient functions, written once for any scalar type; the
 * gradient of the objective follows from their automatic differentiation.
 */
class LatentModel {
 public:
  virtual ~LatentModel() = default;

  /** Names of the field's own parameters, the log standard deviation last. */
  [[nodiscard]] virtual std::vector<std::string> parameter_names() const = 0;
  [[nodiscard]] virtual const std::vector<TemporalTerm>& temporal_terms() const = 0;
  [[nodiscard]] virtual std::vector<ModeCoefficients> mode_coefficients(std::span<const double> parameters,
                                                                        std::span<const double> eigenvalues) const = 0;
  /**
   * The c_r as polynomials of lam, c_r = sum_p c[r][p] lam^p, whose precision sum_rp c[r][p] M_r (x) C0^1/2 K^p C0^1/2
   * is sparse between the nodes; nothing for other functions, which have spectral coordinates alone.
   */
  [[nodiscard]] virtual std::optional<FieldCoefficients> polynomials(std::span<const double> parameters) const = 0;
  /** The law of each mode where the field is a first-order autoregression in time; nothing for other fields. */
  [[nodiscard]] virtual std::optional<std::vector<ModeLaw>> mode_laws(std::span<const double> parameters,
                                                                      std::span<const double> eigenvalues) const = 0;
};

/** A field whose c_r are polynomials. */
class PolynomialModel : public LatentModel {
 public:
  [[nodiscard]] std::vector<ModeCoefficients> mode_coefficients(std::span<const double> parameters,
                                                                std::span<const double> eigenvalues) const final;
  [[nodiscard]] std::optional<FieldCoefficients> polynomials(std::span<const double> parameters) const final {
    return coefficients(parameters);
  }

 protected:
  /** Coefficients with their derivatives by the field's parameters. */
  [[nodiscard]] virtual FieldCoefficients coefficients(std::span<const double> parameters) const = 0;
};

/** The field of `model`: "121" diffusion in either form, Matern with alpha = 2, or AR(1) x Matern. */
[[nodiscard]] std::unique_ptr<LatentModel> make_latent_model(const EngineModel& model);

/** Marks each parameter as its own direction of differentiation. */
[[nodiscard]] inline std::array<FieldDual, max_field_parameters> as_variables(std::span<const double> parameters) {
  std::array<FieldDual, max_field_parameters> result;
  for (std::size_t i = 0; i < parameters.size(); ++i) result[i] = FieldDual::variable(parameters[i], i);
  return result;
}

}  // namespace tramontana

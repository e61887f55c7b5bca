// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grid/expected_spectrum.hpp"
#include "grid/prepared_grid.hpp"

namespace tramontana {

/**
 * The covariance of the rows at one index q of the DCT, as a function of theta:
 *
 *     C_q(r, s) = sum_j L_(p_r j) L_(p_s j) D_jq(|t_r - t_s|) + (r = s) / (tau_group w_r),
 *
 * with the coregionalisation L and the spectra D of the fields.
 */
class IndexCovariance {
 public:
  IndexCovariance(const PreparedGrid& grid, std::span<const double> theta, bool with_derivatives);

  /** Lower triangle of C_q. */
  void fill(std::size_t index, MatrixView covariance) const;

  /** Lower triangle of the derivative of C_q by a component of theta; needs derivatives. */
  void fill_derivative(std::size_t index, std::size_t component, MatrixView derivative) const;

  /** Entries of the sums that accumulate() makes: by pair of processes and lag, then by group. */
  [[nodiscard]] std::size_t num_sums() const { return num_processes_ * num_processes_ * num_lags_ + num_groups_; }
  /** sums += those of G over the rows of each pair of processes and lag, and of its diagonal, by weight, over each
   * group. */
  void accumulate(ConstMatrixView lower, std::span<double> sums) const;
  /** gradient += 1/2 <G, dC_q / dtheta> by the sums of G. */
  void add_gradient(std::size_t index, std::span<const double> sums, std::span<double> by_field,
                    std::span<double> by_coregionalisation, std::span<double> by_noise) const;
  /** Gathers what add_gradient() made into the components of theta. */
  void to_theta(std::span<const double> by_field, std::span<const double> by_coregionalisation,
                std::span<const double> by_noise, std::span<double> gradient) const;

  [[nodiscard]] std::size_t num_field_slopes() const { return num_processes_ * max_field_parameters; }
  [[nodiscard]] std::size_t num_coregionalisation_slopes() const { return num_processes_ * num_processes_; }
  [[nodiscard]] std::size_t num_groups() const { return num_groups_; }

 private:
  /** Writes entries by pair of processes and lag to the rows, lower triangle. */
  void spread(std::span<const double> by_pair, MatrixView out) const;
  [[nodiscard]] std::size_t place(std::size_t process, std::size_t other, std::size_t lag) const {
    return (process * num_processes_ + other) * num_lags_ + lag;
  }

  const PreparedGrid& grid_;
  std::size_t num_processes_;
  std::size_t num_lags_;
  std::size_t num_groups_;
  std::vector<double> coregionalisation_;
  std::vector<std::vector<double>> coregionalisation_slopes_;     ///< by lambda, in the layout's order
  std::vector<double> noise_variance_;                            ///< by group
  std::vector<std::shared_ptr<const ExpectedSpectrum>> spectra_;  ///< by process
};

}  // namespace tramontana

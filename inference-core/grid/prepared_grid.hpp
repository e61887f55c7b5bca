// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "grid/cosine_axis.hpp"
#include "grid/spectrum_cache.hpp"
#include "kernels/backend.hpp"
#include "model/latent_model.hpp"
#include "model/theta_layout.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {

/** The values of one group at one step: a row of every index's small Gaussian. */
struct GridRow {
  std::size_t group = 0;
  std::size_t process = 0;
  std::size_t step = 0;
  double weight = 1.0;  ///< precision relative to that of the group
};

/** Steps between two rows, in either order. */
[[nodiscard]] inline std::size_t lag_between(std::size_t step, std::size_t other) {
  return step > other ? step - other : other - step;
}

/** A validated grid with all that does not depend on theta. */
class PreparedGrid {
 public:
  /** @throws InvalidModel */
  PreparedGrid(GridModel model, const Backend& backend);

  [[nodiscard]] const GridModel& model() const { return model_; }
  [[nodiscard]] const Backend& backend() const { return backend_; }
  [[nodiscard]] const LatentModel& latent() const { return *latent_; }
  [[nodiscard]] const ThetaLayout& layout() const { return layout_; }
  [[nodiscard]] const CosineAxis& rows_axis() const { return rows_axis_; }
  [[nodiscard]] const CosineAxis& columns_axis() const { return columns_axis_; }
  [[nodiscard]] std::size_t num_processes() const { return layout_.num_processes(); }
  [[nodiscard]] std::size_t num_steps() const { return static_cast<std::size_t>(model_.num_time_steps); }
  [[nodiscard]] std::size_t num_cells() const { return rows_axis_.num_cells() * columns_axis_.num_cells(); }
  [[nodiscard]] std::size_t num_fixed_effects() const { return num_fixed_effects_; }
  [[nodiscard]] std::size_t first_effect_of(std::size_t process) const { return first_effects_[process]; }
  [[nodiscard]] std::size_t num_effects_of(std::size_t process) const {
    return (process + 1 < first_effects_.size() ? first_effects_[process + 1] : num_fixed_effects_) -
           first_effects_[process];
  }
  [[nodiscard]] std::size_t num_observations() const { return rows_.size() * num_cells(); }
  /** By process, then step, then group. */
  [[nodiscard]] const std::vector<GridRow>& rows() const { return rows_; }
  /** DCT of the data, [rows] for each index q = row + num_rows * column. */
  [[nodiscard]] const DenseMatrix& data() const { return data_; }
  /** Fills rows x fixed effects: the DCT of the covariates at an index. */
  void covariates_at(std::size_t index, MatrixView out) const;

  /** DCT of a field [num_rows][num_columns], row-major, in the order of the indices. */
  [[nodiscard]] std::vector<double> transformed(std::span<const double> field) const;
  /** Noise variance of each group. */
  [[nodiscard]] std::vector<double> noise_variances(std::span<const double> theta) const;
  /** Parameters of the field of a process. */
  [[nodiscard]] std::vector<double> field_parameters(std::size_t process, std::span<const double> theta) const;
  /** The expected spectrum of the field of a process; the last ones are kept. */
  [[nodiscard]] std::shared_ptr<const ExpectedSpectrum> spectrum(std::size_t process, std::span<const double> theta,
                                                                 std::size_t num_lags, bool with_derivatives) const;
  /** @throws InvalidModel unless theta has the right length and is finite */
  void check_theta(std::span<const double> theta) const;

 private:
  GridModel model_;
  const Backend& backend_;
  std::unique_ptr<LatentModel> latent_;
  ThetaLayout layout_;
  CosineAxis rows_axis_;
  CosineAxis columns_axis_;
  std::vector<GridRow> rows_;
  std::vector<std::size_t> first_effects_;  ///< first fixed effect of a process
  std::size_t num_fixed_effects_ = 0;
  DenseMatrix data_;
  std::vector<std::vector<std::vector<double>>> covariates_;  ///< [group][covariate][index]
  std::vector<std::unique_ptr<SpectrumCache>> spectra_;       ///< by process
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "grid/torus_draws.hpp"

#include <algorithm>
#include <cmath>

#include "grid/folded_waves.hpp"

namespace tramontana {
namespace {

/** Rows of the waves seen by the indices of one parity. */
DenseMatrix shapes_of_parity(const CosineAxis& axis, std::size_t parity) {
  const std::size_t count = (axis.num_cells() + 1 - parity) / 2;
  DenseMatrix shapes(count, axis.num_waves());
  for (std::size_t k = 0; k < axis.num_waves(); ++k) {
    for (std::size_t i = 0; i < count; ++i) shapes(i, k) = axis.waves_seen()(2 * i + parity, k);
  }
  return shapes;
}

}  // namespace

TorusDraws::TorusDraws(const PreparedGrid& grid, std::span<const double> theta, std::uint64_t seed)
    : grid_(grid),
      seed_(seed),
      coregionalisation_(coregionalisation_matrix(grid.layout(), theta)),
      noise_variance_(grid.noise_variances(theta)) {
  const auto& rows = grid.rows_axis();
  const auto& columns = grid.columns_axis();
  const double area = torus_area(rows, columns);
  for (std::size_t process = 0; process < grid.num_processes(); ++process) {
    constexpr std::size_t num_lags = 2;
    const auto folded = fold_waves(grid.latent(), grid.field_parameters(process, theta), rows, columns, num_lags, false,
                                   grid.backend());
    auto& waves = waves_.emplace_back();
    waves.sd = DenseMatrix(rows.num_waves(), columns.num_waves());
    waves.correlation = DenseMatrix(rows.num_waves(), columns.num_waves());
    for (std::size_t l = 0; l < columns.num_waves(); ++l) {
      for (std::size_t k = 0; k < rows.num_waves(); ++k) {
        const double variance = folded.value[0](k, l);
        waves.sd(k, l) = std::sqrt(rows.multiplicity(k) * columns.multiplicity(l) * variance / area);
        waves.correlation(k, l) = variance > 0.0 ? folded.value[1](k, l) / variance : 0.0;
      }
    }
  }
  for (const std::size_t parity : {0U, 1U}) {
    row_shapes_.push_back(shapes_of_parity(rows, parity));
    column_shapes_.push_back(shapes_of_parity(columns, parity));
  }
}

DenseMatrix TorusDraws::draw(std::uint64_t number) const {
  const auto& rows = grid_.rows();
  const std::size_t num_processes = grid_.num_processes();
  const std::size_t num_cells = grid_.num_cells();
  auto normal = RandomNormal::stream(seed_, number);
  DenseMatrix data = DenseMatrix::zero(rows.size(), num_cells);
  std::size_t last = 0;
  for (const auto& row : rows) last = std::max(last, row.step);
  std::vector<std::vector<DenseMatrix>> amplitudes(num_processes);
  for (std::size_t step = 0; step <= last; ++step) {
    const auto is_of_step = [&](const GridRow& row) { return row.step == step; };
    const bool is_seen = std::any_of(rows.begin(), rows.end(), is_of_step);
    for (std::size_t j = 0; j < num_processes; ++j) {
      const auto& [sd, correlation] = waves_[j];
      const std::size_t count = sd.rows() * sd.columns();
      for (std::size_t part = 0; part < 4; ++part) {
        if (step == 0) amplitudes[j].push_back(DenseMatrix::zero(sd.rows(), sd.columns()));
        double* amplitude = amplitudes[j][part].data();
        for (std::size_t i = 0; i < count; ++i) {
          const double rho = step == 0 ? 0.0 : correlation.data()[i];
          amplitude[i] = rho * amplitude[i] + sd.data()[i] * std::sqrt(1.0 - rho * rho) * normal();
        }
      }
      if (!is_seen) continue;
      DenseMatrix coefficients(grid_.rows_axis().num_cells(), grid_.columns_axis().num_cells());
      see(amplitudes[j], coefficients);
      for (std::size_t r = 0; r < rows.size(); ++r) {
        const double weight = coregionalisation_[rows[r].process * num_processes + j];
        if (rows[r].step != step || weight == 0.0) continue;
        for (std::size_t q = 0; q < num_cells; ++q) data(r, q) += weight * coefficients.data()[q];
      }
    }
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double sd = std::sqrt(noise_variance_[rows[r].group] / rows[r].weight);
    for (std::size_t q = 0; q < num_cells; ++q) data(r, q) += sd * normal();
  }
  return data;
}

void TorusDraws::see(const std::vector<DenseMatrix>& amplitudes, DenseMatrix& coefficients) const {
  const auto& backend = grid_.backend();
  for (std::size_t part = 0; part < 4; ++part) {
    const auto& row_shapes = row_shapes_[part / 2];
    const auto& column_shapes = column_shapes_[part % 2];
    DenseMatrix half(row_shapes.rows(), column_shapes.columns());
    backend.multiply(Transpose::no, Transpose::no, 1.0, row_shapes.view(), amplitudes[part].view(), 0.0, half.view());
    DenseMatrix seen(row_shapes.rows(), column_shapes.rows());
    backend.multiply(Transpose::no, Transpose::yes, 1.0, half.view(), column_shapes.view(), 0.0, seen.view());
    for (std::size_t l = 0; l < seen.columns(); ++l) {
      for (std::size_t k = 0; k < seen.rows(); ++k) coefficients(2 * k + part / 2, 2 * l + part % 2) = seen(k, l);
    }
  }
}

}  // namespace tramontana

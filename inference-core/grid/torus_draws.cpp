// SPDX-License-Identifier: Apache-2.0
#include "grid/torus_draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "grid/folded_waves.hpp"

namespace tramontana {
namespace {

/**
 * A wave that adds less than this share of the noise to any coefficient is not drawn: all of them together change a
 * coefficient's variance by a few thousandths, and the scores' covariance of a hundred draws is known to a tenth.
 */
constexpr double negligible_share = 1e-3;

/** What the first `num_waves` waves show to the indices of one parity. */
DenseMatrix shapes_of_parity(const CosineAxis& axis, std::size_t num_waves, std::size_t parity) {
  const std::size_t count = (axis.num_cells() + 1 - parity) / 2;
  DenseMatrix shapes(count, num_waves);
  for (std::size_t k = 0; k < num_waves; ++k) {
    for (std::size_t i = 0; i < count; ++i) shapes(i, k) = axis.waves_seen()(2 * i + parity, k);
  }
  return shapes;
}

/** The largest power that an index takes of each wave. */
std::vector<double> largest_powers(const CosineAxis& axis) {
  std::vector<double> largest(axis.num_waves(), 0.0);
  for (std::size_t k = 0; k < axis.num_waves(); ++k) {
    for (std::size_t q = 0; q < axis.num_cells(); ++q) largest[k] = std::max(largest[k], axis.powers()(q, k));
  }
  return largest;
}

/** Row waves below these, for each column wave, hold all that are not negligible: variance(k, l) beside `least`. */
std::vector<std::size_t> heights_of(const DenseMatrix& spectrum, const std::vector<double>& row_powers,
                                    const std::vector<double>& column_powers, double least) {
  std::vector<std::size_t> heights;
  std::size_t width = 1;
  for (std::size_t l = 0; l < spectrum.columns(); ++l) {
    heights.push_back(0);
    for (std::size_t k = 0; k < spectrum.rows(); ++k) {
      if (spectrum(k, l) * row_powers[k] * column_powers[l] < least) continue;
      heights[l] = k + 1;
      width = l + 1;
    }
  }
  heights.resize(width);
  return heights;
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
  const auto row_powers = largest_powers(rows);
  const auto column_powers = largest_powers(columns);
  double least_noise = std::numeric_limits<double>::infinity();
  for (const auto& row : grid.rows()) least_noise = std::min(least_noise, noise_variance_[row.group] / row.weight);
  for (std::size_t process = 0; process < grid.num_processes(); ++process) {
    constexpr std::size_t num_lags = 2;
    const auto folded = fold_waves(grid.latent(), grid.field_parameters(process, theta), rows, columns, num_lags, false,
                                   grid.backend());
    double largest_weight = 0.0;
    for (std::size_t p = process; p < grid.num_processes(); ++p) {
      largest_weight = std::max(largest_weight, std::abs(coregionalisation_[p * grid.num_processes() + process]));
    }
    const double least = negligible_share * least_noise * area / (largest_weight * largest_weight);
    auto& waves = waves_.emplace_back();
    waves.heights = heights_of(folded.value[0], row_powers, column_powers, least);
    const std::size_t width = waves.heights.size();
    const std::size_t height = std::max<std::size_t>(1, *std::max_element(waves.heights.begin(), waves.heights.end()));
    waves.sd = DenseMatrix(height, width);
    waves.correlation = DenseMatrix(height, width);
    waves.innovation_sd = DenseMatrix(height, width);
    for (std::size_t l = 0; l < width; ++l) {
      for (std::size_t k = 0; k < waves.heights[l]; ++k) {
        const double variance = folded.value[0](k, l);
        waves.sd(k, l) = std::sqrt(rows.multiplicity(k) * columns.multiplicity(l) * variance / area);
        const double rho = variance > 0.0 ? folded.value[1](k, l) / variance : 0.0;
        waves.correlation(k, l) = rho;
        waves.innovation_sd(k, l) = waves.sd(k, l) * std::sqrt(1.0 - rho * rho);
      }
    }
    for (const std::size_t parity : {0U, 1U}) {
      waves.row_shapes.push_back(shapes_of_parity(rows, height, parity));
      waves.column_shapes.push_back(shapes_of_parity(columns, width, parity));
    }
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
      const auto& sd = waves_[j].sd;
      const auto& correlation = waves_[j].correlation;
      const auto& innovation_sd = step == 0 ? sd : waves_[j].innovation_sd;
      for (std::size_t part = 0; part < 4; ++part) {
        if (step == 0) amplitudes[j].push_back(DenseMatrix::zero(sd.rows(), sd.columns()));
        const auto amplitude = amplitudes[j][part].view();
        for (std::size_t l = 0; l < sd.columns(); ++l) {
          for (std::size_t k = 0; k < waves_[j].heights[l]; ++k) {
            amplitude(k, l) = correlation(k, l) * amplitude(k, l) + innovation_sd(k, l) * normal();
          }
        }
      }
      if (!is_seen) continue;
      DenseMatrix coefficients(grid_.rows_axis().num_cells(), grid_.columns_axis().num_cells());
      see(waves_[j], amplitudes[j], coefficients);
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

void TorusDraws::see(const Waves& waves, const std::vector<DenseMatrix>& amplitudes, DenseMatrix& coefficients) const {
  const auto& backend = grid_.backend();
  for (std::size_t part = 0; part < 4; ++part) {
    const auto& row_shapes = waves.row_shapes[part / 2];
    const auto& column_shapes = waves.column_shapes[part % 2];
    DenseMatrix half(row_shapes.rows(), column_shapes.columns());
    backend.dense().multiply(Transpose::no, Transpose::no, 1.0, row_shapes.view(), amplitudes[part].view(), 0.0,
                             half.view());
    DenseMatrix seen(row_shapes.rows(), column_shapes.rows());
    backend.dense().multiply(Transpose::no, Transpose::yes, 1.0, half.view(), column_shapes.view(), 0.0, seen.view());
    for (std::size_t l = 0; l < seen.columns(); ++l) {
      for (std::size_t k = 0; k < seen.rows(); ++k) coefficients(2 * k + part / 2, 2 * l + part % 2) = seen(k, l);
    }
  }
}

}  // namespace tramontana

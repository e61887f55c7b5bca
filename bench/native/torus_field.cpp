// SPDX-License-Identifier: Apache-2.0
#include "torus_field.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace tramontana::bench {
namespace {

using std::numbers::pi;

double sinc(double x) { return x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x); }

/** Cosines and sines of the waves 0..N/2 of a circle of N = 2 M cells at the first M cells. */
std::array<DenseMatrix, 2> waves_of(std::size_t num_cells) {
  const std::size_t circle = 2 * num_cells;
  std::array<DenseMatrix, 2> waves{DenseMatrix(num_cells, num_cells + 1), DenseMatrix(num_cells, num_cells + 1)};
  for (std::size_t k = 0; k <= num_cells; ++k) {
    for (std::size_t i = 0; i < num_cells; ++i) {
      const double angle = 2.0 * pi * static_cast<double>(k * i % circle) / static_cast<double>(circle);
      waves[0](i, k) = std::cos(angle);
      waves[1](i, k) = std::sin(angle);
    }
  }
  return waves;
}

}  // namespace

std::vector<DenseMatrix> simulate_on_torus(const LatentModel& field, std::span<const double> parameters,
                                           const FineWindow& window, std::size_t num_steps, std::uint64_t seed,
                                           const Backend& backend) {
  const auto row_waves = waves_of(window.num_rows);
  const auto column_waves = waves_of(window.num_columns);
  const std::size_t height = window.num_rows + 1;
  const std::size_t width = window.num_columns + 1;
  const double length_y = 2.0 * window.cell_height * static_cast<double>(window.num_rows);
  const double length_x = 2.0 * window.cell_width * static_cast<double>(window.num_columns);
  std::vector<double> eigenvalues;
  std::vector<double> shares;
  for (std::size_t l = 0; l < width; ++l) {
    for (std::size_t k = 0; k < height; ++k) {
      const double along = 2.0 * pi * static_cast<double>(k) / length_y;
      const double across = 2.0 * pi * static_cast<double>(l) / length_x;
      eigenvalues.push_back(along * along + across * across);
      const double mean = sinc(static_cast<double>(k) / (2.0 * static_cast<double>(window.num_rows))) *
                          sinc(static_cast<double>(l) / (2.0 * static_cast<double>(window.num_columns)));
      // Waves of both signs stand together in the four products of cosines and sines.
      const double signs = (k == 0 || k + 1 == height ? 1.0 : 2.0) * (l == 0 || l + 1 == width ? 1.0 : 2.0);
      shares.push_back(mean * mean * signs / (length_y * length_x));
    }
  }
  const auto laws = *field.mode_laws(parameters, eigenvalues);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::array<DenseMatrix, 4> amplitudes;
  for (auto& amplitude : amplitudes) amplitude = DenseMatrix::zero(height, width);
  std::vector<DenseMatrix> maps;
  DenseMatrix half(window.num_rows, width);
  for (std::size_t step = 0; step < num_steps; ++step) {
    auto& map = maps.emplace_back(DenseMatrix::zero(window.num_rows, window.num_columns));
    for (std::size_t part = 0; part < 4; ++part) {
      double* amplitude = amplitudes[part].data();
      for (std::size_t i = 0; i < laws.size(); ++i) {
        const double rho = step == 0 ? 0.0 : laws[i].correlation.value;
        const double sd = std::sqrt(shares[i] * laws[i].variance.value * (1.0 - rho * rho));
        amplitude[i] = rho * amplitude[i] + sd * normal(random);
      }
      backend.dense().multiply(Transpose::no, Transpose::no, 1.0, row_waves[part / 2].view(), amplitudes[part].view(),
                               0.0, half.view());
      backend.dense().multiply(Transpose::no, Transpose::yes, 1.0, half.view(), column_waves[part % 2].view(), 1.0,
                               map.view());
    }
  }
  return maps;
}

}  // namespace tramontana::bench

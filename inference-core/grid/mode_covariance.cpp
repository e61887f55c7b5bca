// SPDX-License-Identifier: Apache-2.0
#include "grid/mode_covariance.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace tramontana {
namespace {

using std::numbers::pi;

/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1], eight points [Golub1969]. */
constexpr std::array<double, 4> gauss_nodes{0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                            0.9602898564975363};
constexpr std::array<double, 4> gauss_weights{0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                              0.1012285362903763};
/** Bands of frequencies beyond the kept ones that are summed; what is left falls with the fourth power. */
constexpr int num_bands = 12;

struct Node {
  double at;
  double weight;
};

/** Quadrature over `bands` bands of one width from zero. */
std::vector<Node> nodes_over(int bands, double width) {
  std::vector<Node> nodes;
  for (int band = 0; band < bands; ++band) {
    for (std::size_t i = 0; i < gauss_nodes.size(); ++i) {
      for (const double sign : {-1.0, 1.0}) {
        nodes.push_back({width * (band + 0.5 + 0.5 * sign * gauss_nodes[i]), 0.5 * width * gauss_weights[i]});
      }
    }
  }
  return nodes;
}

double squared_sinc(double x) {
  if (x == 0.0) return 1.0;
  const double value = std::sin(pi * x) / (pi * x);
  return value * value;
}

}  // namespace

ModeCovariance::ModeCovariance(const PreparedGrid& grid, std::span<const double> theta, std::size_t modes_per_cell)
    : grid_(grid),
      modes_per_cell_(modes_per_cell),
      coregionalisation_(coregionalisation_matrix(grid.layout(), theta)),
      noise_variance_(grid.noise_variances(theta)) {
  for (std::size_t process = 0; process < grid.num_processes(); ++process) {
    parameters_.push_back(grid.field_parameters(process, theta));
  }
}

std::vector<VisibleMode> ModeCovariance::modes_at(std::size_t index) const {
  const auto& rows = grid_.rows_axis();
  const auto& columns = grid_.columns_axis();
  const auto row_modes = rows.modes_of(index % rows.num_cells(), modes_per_cell_);
  const auto column_modes = columns.modes_of(index / rows.num_cells(), modes_per_cell_);
  std::vector<VisibleMode> modes;
  std::vector<double> eigenvalues;
  for (std::size_t i = 0; i < row_modes.size(); ++i) {
    for (std::size_t k = 0; k < column_modes.size(); ++k) {
      const double along = pi * static_cast<double>(row_modes[i].frequency) / rows.length();
      const double across = pi * static_cast<double>(column_modes[k].frequency) / columns.length();
      eigenvalues.push_back(along * along + across * across);
      modes.push_back({i, k, row_modes[i].weight * column_modes[k].weight, {}, {}});
    }
  }
  for (const auto& parameters : parameters_) {
    const auto laws = *grid_.latent().mode_laws(parameters, eigenvalues);
    for (std::size_t mode = 0; mode < modes.size(); ++mode) {
      modes[mode].variance.push_back(laws[mode].variance.value);
      modes[mode].correlation.push_back(laws[mode].correlation.value);
    }
  }
  return modes;
}

void ModeCovariance::fill(std::span<const VisibleMode> modes, MatrixView covariance) const {
  const auto& rows = grid_.rows();
  const std::size_t n = grid_.num_processes();
  const std::size_t num_lags = grid_.num_steps();
  // By field and lag: the sum over the modes, weighted as the index sees them.
  std::vector<double> spectrum(n * num_lags, 0.0);
  for (const auto& mode : modes) {
    for (std::size_t j = 0; j < n; ++j) {
      double value = mode.weight * mode.weight * mode.variance[j];
      for (std::size_t lag = 0; lag < num_lags; ++lag) {
        spectrum[j * num_lags + lag] += value;
        value *= mode.correlation[j];
      }
    }
  }
  for (std::size_t s = 0; s < rows.size(); ++s) {
    for (std::size_t r = s; r < rows.size(); ++r) {
      const std::size_t lag = lag_between(rows[r].step, rows[s].step);
      double sum = 0.0;
      for (std::size_t j = 0; j < n; ++j) {
        sum += coregionalisation_[rows[r].process * n + j] * coregionalisation_[rows[s].process * n + j] *
               spectrum[j * num_lags + lag];
      }
      covariance(r, s) = sum;
    }
    covariance(s, s) += noise_variance_[rows[s].group] / rows[s].weight;
  }
}

void ModeCovariance::cross(std::span<const VisibleMode> modes, std::size_t process, std::size_t step,
                           MatrixView out) const {
  const auto& rows = grid_.rows();
  const std::size_t n = grid_.num_processes();
  const std::size_t num_lags = grid_.num_steps();
  std::vector<double> powers(n * num_lags);
  for (std::size_t k = 0; k < modes.size(); ++k) {
    for (std::size_t j = 0; j < n; ++j) {
      double value = modes[k].weight * coregionalisation_[process * n + j] * modes[k].variance[j];
      for (std::size_t lag = 0; lag < num_lags; ++lag) {
        powers[j * num_lags + lag] = value;
        value *= modes[k].correlation[j];
      }
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::size_t lag = lag_between(rows[r].step, step);
      double sum = 0.0;
      for (std::size_t j = 0; j < n; ++j)
        sum += coregionalisation_[rows[r].process * n + j] * powers[j * num_lags + lag];
      out(r, k) = sum;
    }
  }
}

double ModeCovariance::prior_variance(const VisibleMode& mode, std::size_t process) const {
  const std::size_t n = grid_.num_processes();
  double sum = 0.0;
  for (std::size_t j = 0; j < n; ++j) {
    const double weight = coregionalisation_[process * n + j];
    sum += weight * weight * mode.variance[j];
  }
  return sum;
}

double ModeCovariance::variance_beyond(std::size_t process, double height, double width) const {
  const double kept = pi * static_cast<double>(modes_per_cell_);
  const auto along = nodes_over(num_bands, kept / grid_.rows_axis().width());
  const auto across = nodes_over(num_bands, kept / grid_.columns_axis().width());
  std::vector<double> eigenvalues;
  std::vector<double> shares;
  for (std::size_t i = 0; i < along.size(); ++i) {
    for (std::size_t k = 0; k < across.size(); ++k) {
      const bool is_kept = i < 2 * gauss_nodes.size() && k < 2 * gauss_nodes.size();
      if (is_kept) continue;
      eigenvalues.push_back(along[i].at * along[i].at + across[k].at * across[k].at);
      // Modes of the rectangle: one in pi^2 / area of a quadrant, whose square is 1 / area on average.
      shares.push_back(along[i].weight * across[k].weight / (pi * pi) *
                       squared_sinc(along[i].at * height / (2.0 * pi)) *
                       squared_sinc(across[k].at * width / (2.0 * pi)));
    }
  }
  const std::size_t n = grid_.num_processes();
  double sum = 0.0;
  for (std::size_t j = 0; j < n; ++j) {
    const double weight = coregionalisation_[process * n + j];
    const auto laws = *grid_.latent().mode_laws(parameters_[j], eigenvalues);
    for (std::size_t i = 0; i < laws.size(); ++i) sum += weight * weight * shares[i] * laws[i].variance.value;
  }
  return sum;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "grid/folded_waves.hpp"

#include <algorithm>
#include <functional>

#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

/**
 * Waves beyond the grid's own are folded into it for this many periods to each side. The share of a field that is left
 * out falls with the sixth power: 1e-3 of what is folded, where that is 1e-3 of the entry or less.
 */
constexpr int num_aliases = 2;

class Folding {
 public:
  Folding(const LatentModel& field, std::span<const double> parameters, const CosineAxis& rows,
          const CosineAxis& columns, std::size_t num_lags, bool with_derivatives)
      : field_(field),
        parameters_(parameters),
        rows_(rows),
        columns_(columns),
        num_lags_(num_lags),
        num_parameters_(with_derivatives ? parameters.size() : 0) {
    const auto zeros = [&] {
      std::vector<DenseMatrix> lags;
      for (std::size_t lag = 0; lag < num_lags_; ++lag) {
        lags.push_back(DenseMatrix::zero(rows.num_waves(), columns.num_waves()));
      }
      return lags;
    };
    waves_.value = zeros();
    for (std::size_t p = 0; p < num_parameters_; ++p) waves_.derivative[p] = zeros();
    for (std::size_t k = 0; k < rows.num_waves(); ++k) {
      for (int n = -num_aliases; n <= num_aliases; ++n) row_shares_.push_back(rows.cell_share(k, n));
    }
  }

  FoldedWaves run(const Backend& backend) {
    std::vector<std::function<void()>> tasks;
    constexpr std::size_t at_once = 16;
    for (std::size_t first = 0; first < columns_.num_waves(); first += at_once) {
      tasks.emplace_back([this, first] {
        for (std::size_t k = first; k < std::min(first + at_once, columns_.num_waves()); ++k) add_column(k);
      });
    }
    constexpr double flops_of_law = 100.0;
    const double laws = static_cast<double>(at_once * rows_.num_waves() * folds * folds);
    backend.tasks().run_independent(tasks, laws * (flops_of_law + 8.0 * static_cast<double>(num_lags_)));
    return std::move(waves_);
  }

 private:
  static constexpr std::size_t folds = 2 * num_aliases + 1;

  void add_column(std::size_t column_wave) {
    std::vector<double> eigenvalues;
    std::vector<double> shares;
    std::array<double, folds> column_shares{};
    for (int m = -num_aliases; m <= num_aliases; ++m) {
      column_shares[static_cast<std::size_t>(m + num_aliases)] = columns_.cell_share(column_wave, m);
    }
    for (std::size_t row_wave = 0; row_wave < rows_.num_waves(); ++row_wave) {
      for (int m = -num_aliases; m <= num_aliases; ++m) {
        for (int n = -num_aliases; n <= num_aliases; ++n) {
          const double across = columns_.angular_frequency(column_wave, m);
          const double along = rows_.angular_frequency(row_wave, n);
          eigenvalues.push_back(across * across + along * along);
          shares.push_back(column_shares[static_cast<std::size_t>(m + num_aliases)] *
                           row_shares_[row_wave * folds + static_cast<std::size_t>(n + num_aliases)]);
        }
      }
    }
    const auto laws = field_.mode_laws(parameters_, eigenvalues);
    if (!laws) throw InvalidModel("kind must be exact-diffusion, separable or spatial for a complete grid.");
    for (std::size_t i = 0; i < laws->size(); ++i) {
      add_wave(i / (folds * folds), column_wave, (*laws)[i], shares[i]);
    }
  }

  void add_wave(std::size_t row_wave, std::size_t column_wave, const ModeLaw& law, double share) {
    const auto& [variance, correlation] = law;
    double power = share;        // share * rho^lag
    double falling_power = 0.0;  // share * lag * rho^(lag - 1)
    // Waves far beyond the grid's own forget within a step; beyond this nothing of them is left in any digit.
    constexpr double forgotten = 1e-25;
    for (std::size_t lag = 0; lag < num_lags_ && falling_power + power > forgotten * share; ++lag) {
      waves_.value[lag](row_wave, column_wave) += variance.value * power;
      for (std::size_t p = 0; p < num_parameters_; ++p) {
        waves_.derivative[p][lag](row_wave, column_wave) +=
            variance.derivative[p] * power + variance.value * falling_power * correlation.derivative[p];
      }
      falling_power = falling_power * correlation.value + power;
      power *= correlation.value;
    }
  }

  const LatentModel& field_;
  std::span<const double> parameters_;
  const CosineAxis& rows_;
  const CosineAxis& columns_;
  std::size_t num_lags_;
  std::size_t num_parameters_;
  FoldedWaves waves_;
  std::vector<double> row_shares_;  ///< [row wave][alias]
};

}  // namespace

FoldedWaves fold_waves(const LatentModel& field, std::span<const double> parameters, const CosineAxis& rows,
                       const CosineAxis& columns, std::size_t num_lags, bool with_derivatives, const Backend& backend) {
  return Folding(field, parameters, rows, columns, num_lags, with_derivatives).run(backend);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "grid/prepared_grid.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "grid/grid_validation.hpp"
#include "model/likelihood.hpp"
#include "model/prior_validation.hpp"

namespace tramontana {
namespace {

GridModel validated(GridModel model) {
  validate_grid(model);
  return model;
}

std::unique_ptr<LatentModel> latent_model_of(const GridModel& model) {
  EngineModel field;
  field.kind = model.kind;
  field.num_time_steps = model.num_time_steps;
  return make_latent_model(field);
}

ThetaLayout layout_of(const GridModel& model, const LatentModel& latent) {
  std::size_t num_processes = 0;
  std::vector<GroupParameters> groups;
  for (const auto& group : model.groups) {
    const auto process = static_cast<std::size_t>(group.process);
    num_processes = std::max(num_processes, process + 1);
    groups.push_back({process, likelihood_model(Likelihood::gaussian).parameter_names()});
  }
  return {latent.parameter_names(), num_processes, groups, 0};
}

}  // namespace

PreparedGrid::PreparedGrid(GridModel model, const Backend& backend)
    : model_(validated(std::move(model))),
      backend_(backend),
      latent_(latent_model_of(model_)),
      layout_(layout_of(model_, *latent_)),
      rows_axis_(static_cast<std::size_t>(model_.grid.num_rows), model_.grid.cell_height),
      columns_axis_(static_cast<std::size_t>(model_.grid.num_columns), model_.grid.cell_width),
      first_effects_(num_processes(), 0) {
  validate_priors(model_.priors, layout_.names());
  for (std::size_t process = 0; process < num_processes(); ++process) {
    first_effects_[process] = num_fixed_effects_;
    const auto group = std::find_if(model_.groups.begin(), model_.groups.end(), [&](const GridGroup& candidate) {
      return static_cast<std::size_t>(candidate.process) == process;
    });
    num_fixed_effects_ += static_cast<std::size_t>(group->num_covariates);
  }
  std::vector<std::pair<GridRow, std::span<const double>>> rows;
  for (std::size_t g = 0; g < model_.groups.size(); ++g) {
    const auto& group = model_.groups[g];
    for (std::size_t i = 0; i < group.time_index.size(); ++i) {
      rows.emplace_back(
          GridRow{g, static_cast<std::size_t>(group.process), static_cast<std::size_t>(group.time_index[i]),
                  group.weights.empty() ? 1.0 : group.weights[i]},
          std::span(group.y).subspan(i * num_cells(), num_cells()));
    }
    auto& covariates = covariates_.emplace_back();
    for (std::size_t c = 0; c < static_cast<std::size_t>(group.num_covariates); ++c) {
      covariates.push_back(transformed(std::span(group.covariates).subspan(c * num_cells(), num_cells())));
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.process, a.first.step, a.first.group) <
           std::tie(b.first.process, b.first.step, b.first.group);
  });
  for (std::size_t j = 0; j < num_processes(); ++j) spectra_.push_back(std::make_unique<SpectrumCache>());
  data_ = DenseMatrix(rows.size(), num_cells());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows_.push_back(rows[r].first);
    const auto coefficients = transformed(rows[r].second);
    for (std::size_t q = 0; q < num_cells(); ++q) data_(r, q) = coefficients[q];
  }
}

std::vector<double> PreparedGrid::transformed(std::span<const double> field) const {
  const std::size_t num_rows = rows_axis_.num_cells();
  const std::size_t num_columns = columns_axis_.num_cells();
  // Row-major [rows][columns] is the column-major transpose.
  const ConstMatrixView transposed{field.data(), num_columns, num_rows, num_columns};
  DenseMatrix half(num_rows, num_columns);
  backend_.dense().multiply(Transpose::no, Transpose::yes, 1.0, rows_axis_.transform().view(), transposed, 0.0,
                            half.view());
  std::vector<double> result(num_cells());
  const MatrixView out{result.data(), num_rows, num_columns, num_rows};
  backend_.dense().multiply(Transpose::no, Transpose::yes, 1.0, half.view(), columns_axis_.transform().view(), 0.0,
                            out);
  return result;
}

std::shared_ptr<const ExpectedSpectrum> PreparedGrid::spectrum(std::size_t process, std::span<const double> theta,
                                                               std::size_t num_lags, bool with_derivatives) const {
  return spectra_[process]->spectrum(*latent_, field_parameters(process, theta), rows_axis_, columns_axis_, num_lags,
                                     with_derivatives, backend_);
}

void PreparedGrid::covariates_at(std::size_t index, MatrixView out) const {
  for (std::size_t f = 0; f < out.columns; ++f) std::fill_n(out.column(f), out.rows, 0.0);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const auto& covariates = covariates_[rows_[r].group];
    for (std::size_t c = 0; c < covariates.size(); ++c) {
      out(r, first_effects_[rows_[r].process] + c) = covariates[c][index];
    }
  }
}

std::vector<double> PreparedGrid::noise_variances(std::span<const double> theta) const {
  std::vector<double> variances;
  for (std::size_t group = 0; group < model_.groups.size(); ++group) {
    variances.push_back(std::exp(-theta[layout_.likelihood(group).front()]));
  }
  return variances;
}

std::vector<double> PreparedGrid::field_parameters(std::size_t process, std::span<const double> theta) const {
  std::vector<double> parameters;
  for (const auto index : layout_.field(process)) parameters.push_back(theta[index]);
  return parameters;
}

void PreparedGrid::check_theta(std::span<const double> theta) const { layout_.check(theta); }

std::shared_ptr<const PreparedGrid> prepare_grid(GridModel model, const Backend& backend) {
  return std::make_shared<const PreparedGrid>(std::move(model), backend);
}

const std::vector<std::string>& theta_names(const PreparedGrid& grid) { return grid.layout().names(); }

}  // namespace tramontana

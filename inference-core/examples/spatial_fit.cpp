// SPDX-License-Identifier: Apache-2.0
// A spatial field on a small grid: fit, integrate theta out, print.
#include <cmath>
#include <cstdio>

#include "tramontana/fit.hpp"
#include "tramontana/integration.hpp"

namespace {

constexpr int side = 9;  // nodes along an edge, one unit apart

/** Lumped mass and stiffness of bilinear cells; any finite elements will do. */
void add_mesh(tramontana::EngineModel& model) {
  model.c0.assign(side * side, 0.0);
  model.g1 = {side * side, side * side, {0}, {}, {}};
  for (int node = 0; node < side * side; ++node) {
    const int x = node % side;
    const int y = node / side;
    const double width = (x == 0 || x == side - 1) ? 0.5 : 1.0;
    const double height = (y == 0 || y == side - 1) ? 0.5 : 1.0;
    model.c0[node] = width * height;
    double diagonal = 0.0;
    const auto couple = [&](bool exists, int other, double weight) {
      if (!exists) return;
      model.g1.column_indices.push_back(other);
      model.g1.values.push_back(-weight);
      diagonal += weight;
    };
    couple(x > 0, node - 1, height);
    couple(x + 1 < side, node + 1, height);
    couple(y > 0, node - side, width);
    couple(y + 1 < side, node + side, width);
    model.g1.column_indices.push_back(node);
    model.g1.values.push_back(diagonal);
    model.g1.row_pointers.push_back(static_cast<int>(model.g1.values.size()));
  }
}

}  // namespace

int main() {
  tramontana::EngineModel model;
  model.kind = tramontana::ModelKind::spatial;
  add_mesh(model);

  tramontana::ObservationGroup group;  // one observation a node, with an intercept
  group.num_covariates = 1;
  group.projector = {side * side, side * side, {0}, {}, {}};
  for (int node = 0; node < side * side; ++node) {
    const double noise = 0.8 * std::sin(12.9898 * node * node);
    group.y.push_back(20.0 + 2.0 * std::sin(0.8 * (node % side)) + std::cos(0.7 * (node / side)) + noise);
    group.time_index.push_back(0);
    group.covariates.push_back(1.0);
    group.projector.column_indices.push_back(node);
    group.projector.values.push_back(1.0);
    group.projector.row_pointers.push_back(node + 1);
  }
  model.observations.push_back(group);

  using Kind = tramontana::ThetaPrior::Kind;  // log range, log sigma, log noise precision
  model.priors = {{.kind = Kind::spatial_range, .lambda = 2.0},
                  {.kind = Kind::sigma, .lambda = 0.5},
                  {.kind = Kind::noise_sd, .lambda = 2.0}};

  const auto prepared = tramontana::prepare_model(model, tramontana::host_backend());
  tramontana::FitOptions options;
  options.initial_theta = {1.0, 0.5, 1.0};
  const auto fit = tramontana::fit(*prepared, options, nullptr, {});
  const auto posterior = tramontana::integrate(*prepared, fit.state.theta, fit.theta_covariance, {});
  std::printf("%d evaluations, |gradient| %.1e: %s\n", fit.state.evaluations, fit.gradient_norm,
              fit.state.stop_reason.c_str());
  for (const auto& marginal : posterior.theta) {
    std::printf("%-16s mean %7.3f  sd %6.3f\n", marginal.natural_name.c_str(), marginal.natural.mean,
                marginal.natural.sd);
  }
  std::printf("log p(y) %.3f  DIC %.2f  WAIC %.2f\n", posterior.log_marginal_likelihood, posterior.criteria.dic,
              posterior.criteria.waic);
  return fit.state.converged ? 0 : 1;
}

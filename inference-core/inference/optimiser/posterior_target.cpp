// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/posterior_target.hpp"

#include <cstdint>

#include "inference/optimiser/curvature.hpp"
#include "inference/posterior/gradient.hpp"
#include "inference/posterior/posterior.hpp"

namespace tramontana {
namespace {

/** Seed of the simulated data of the curvature: fixed, so that a fit is reproducible and its sampling error steady. */
constexpr std::uint64_t simulation_seed = 20240229;
constexpr std::size_t num_simulations = 4;

class PosteriorPoint final : public SearchPoint {
 public:
  PosteriorPoint(const PreparedModel& model, std::span<const double> theta, const EvaluationOptions& options,
                 const CancellationToken* cancellation)
      : posterior_(model, theta, options, cancellation) {}

  [[nodiscard]] double objective() const override { return posterior_.terms().objective; }
  [[nodiscard]] std::vector<double> gradient() const override {
    return objective_gradient(posterior_.conditional(), {}, nullptr);
  }
  [[nodiscard]] CurvatureEstimate curvature() const override {
    return estimate_curvature(posterior_.conditional(), simulation_seed, num_simulations);
  }
  [[nodiscard]] double rounding_error() const override { return posterior_.conditional().field().rounding_error(); }

 private:
  Posterior posterior_;
};

}  // namespace

std::unique_ptr<SearchPoint> PosteriorTarget::at(std::span<const double> theta) const {
  return std::make_unique<PosteriorPoint>(model_, theta, options_, cancellation_);
}

}  // namespace tramontana

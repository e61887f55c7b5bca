// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/posterior_target.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "inference/optimiser/agreed_point.hpp"
#include "inference/optimiser/curvature.hpp"
#include "inference/optimiser/exact_hessian.hpp"
#include "inference/posterior/gradient.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/shared_evaluations.hpp"
#include "tramontana/errors.hpp"

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
  [[nodiscard]] const Posterior* posterior() const override { return &posterior_; }

 private:
  Posterior posterior_;
};

/** @throws InvalidModel unless the reason against it is empty */
void require_exact_hessian(const std::string& reason) {
  if (reason.empty()) return;
  throw InvalidModel("hessianDifferences: exact cannot be had: " + reason + ". Leave it out.");
}

}  // namespace

std::unique_ptr<SearchPoint> PosteriorTarget::at(std::span<const double> theta) const {
  return agreed_point(std::make_unique<PosteriorPoint>(model_, theta, options_, cancellation_), ranks_of(options_));
}

std::optional<std::vector<double>> PosteriorTarget::exact_hessian(std::span<const double> theta,
                                                                  std::unique_ptr<SearchPoint>& here,
                                                                  HessianCost cost) const {
  const bool is_asked_for = cost == HessianCost::any;
  if (is_asked_for) require_exact_hessian(why_no_exact_hessian(model_));
  if (!is_asked_for && !exact_hessian_pays(model_, theta, options_)) return std::nullopt;
  if (here && !serves_exact_hessian(*here->posterior())) here.reset();
  auto hessian = here ? tramontana::exact_hessian(*here->posterior(), ranks_of(options_), cancellation_)
                      : tramontana::exact_hessian(model_, theta, options_, cancellation_);
  if (!hessian && is_asked_for) require_exact_hessian("the data outweigh the prior too far to keep its digits");
  // As of a point: all ranks go on with the same bits.
  if (hessian) ranks_of(options_).broadcast(*hessian);
  return hessian;
}

std::vector<std::vector<double>> PosteriorTarget::run_some(std::span<const double> theta, std::size_t first,
                                                           std::size_t last, const Job& job) const {
  const SharedEvaluations shared(model_.backend(), options_, groups_of_ranks(model_, theta, last - first, options_),
                                 flops_of_evaluation(model_));
  const PosteriorTarget of_group(model_, shared.options(), cancellation_);
  return shared.run(std::min(shared.num_at_once(), last - first),
                    [&](std::size_t k) { return job(first + k, of_group); });
}

}  // namespace tramontana

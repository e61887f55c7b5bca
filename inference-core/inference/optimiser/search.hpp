// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "inference/optimiser/search_target.hpp"
#include "inference/optimiser/theta_box.hpp"
#include "inference/optimiser/trust_region.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {

/** Gradient with zeros for fixed components. */
[[nodiscard]] std::vector<double> free_gradient(const ThetaBox& box, const SearchPoint& point);

/** The optimiser as a machine whose state is the OptimizerState and nothing else. */
class Search {
 public:
  Search(const SearchTarget& target, const FitOptions& options, const ThetaBox& box, OptimizerState state,
         const std::function<void(const OptimizerState&)>& on_iteration);

  /** Runs every phase that is left. */
  OptimizerState run();
  /** The point where it ended; null where that is not at hand any more. */
  [[nodiscard]] std::unique_ptr<SearchPoint> take_point() { return std::move(here_); }
  /** Whether the Hessian took no differences. */
  [[nodiscard]] bool hessian_is_exact() const { return hessian_is_exact_; }

 private:
  enum class Outcome { accepted, rejected };

  /** Below this radius a failing step is a property of the model, not of the step. */
  static constexpr double smallest_radius = 1e-6;

  /** Lets the one at hand go first: two would take twice the memory. */
  [[nodiscard]] std::unique_ptr<SearchPoint> point_at(std::span<const double> theta);
  /** Gradient with zeros for fixed components. */
  [[nodiscard]] std::vector<double> gradient_of(const SearchPoint& point) const { return free_gradient(box_, point); }
  void report(bool accepted);

  /** Starts a search at a point. @throws NotPositiveDefinite when it cannot be factorised or is not finite */
  void begin(std::span<const double> theta, double radius);
  void iterate();
  Outcome try_point(std::span<const double> trial, const TrustRegionStep& step);
  /** Takes over a trial point and models the curvature there. */
  void accept(std::span<const double> theta, std::unique_ptr<SearchPoint> point, std::vector<double> gradient,
              const TrustRegionStep& step);
  void model_curvature(const CurvatureEstimate& estimate, double last_step_length);
  void check_convergence();
  /** Ends the search at hand: the next restart, or the phase after the search. */
  void finish_search(const std::string& reason, bool converged);
  void record_optimum();
  /** The lowest of the optima found, after the last restart. */
  void settle();
  [[nodiscard]] std::string described(const std::string& reason) const;

  /** All without differences; else as many as are computed at the same time. */
  void add_hessian_columns();
  /** False where only differences give them. @throws InvalidModel where others were asked for */
  [[nodiscard]] bool add_exact_columns(const std::vector<bool>& held);
  /** When the Hessian is complete: a saddle point is left, anything else is the end. */
  void finish_hessian();
  bool leave_saddle(const LowestCurvature& lowest);

  const SearchTarget& target_;
  const FitOptions& options_;
  const ThetaBox& box_;
  OptimizerState state_;
  std::unique_ptr<SearchPoint> here_;  ///< at the theta of the state, or null
  bool hessian_is_exact_ = false;
  const std::function<void(const OptimizerState&)>& on_iteration_;
};

/** Symmetric part of the columns, row-major. */
[[nodiscard]] std::vector<double> symmetric_hessian(const std::vector<std::vector<double>>& columns);

}  // namespace tramontana

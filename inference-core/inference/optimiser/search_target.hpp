// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kernels/backend.hpp"

namespace tramontana {

class Posterior;

/** Two estimates of the Hessian of the objective at one theta, row-major d x d. */
struct CurvatureEstimate {
  /** Positive semi-definite, good for long steps: of the information plus the curvature of the priors. */
  std::vector<double> positive;
  /** The Hessian itself up to the error of the estimate; it may be indefinite. */
  std::vector<double> observed;
};

/** What is known at one theta. */
class SearchPoint {
 public:
  virtual ~SearchPoint() = default;

  [[nodiscard]] virtual double objective() const = 0;
  [[nodiscard]] virtual std::vector<double> gradient() const = 0;
  [[nodiscard]] virtual CurvatureEstimate curvature() const = 0;
  /** Relative error of the numbers above. */
  [[nodiscard]] virtual double rounding_error() const = 0;
  /** What they are made of; null where that is something else. It lives as long as the point. */
  [[nodiscard]] virtual const Posterior* posterior() const { return nullptr; }
};

/** A function of theta that a search minimises. */
class SearchTarget {
 public:
  virtual ~SearchTarget() = default;

  /** @throws NotPositiveDefinite or InnerModeNotFound where theta cannot be evaluated, Interrupted */
  [[nodiscard]] virtual std::unique_ptr<SearchPoint> at(std::span<const double> theta) const = 0;
  [[nodiscard]] virtual const Backend& backend() const = 0;
  /** Whether the estimated curvature changes as the Hessian does, so that it corrects differences of gradients. */
  [[nodiscard]] virtual bool has_faithful_curvature() const = 0;

  /** Whether a Hessian without differences is to be computed also where it counts as slower than they. */
  enum class HessianCost { least, any };
  /**
   * The Hessian without differences, row-major d x d; nothing where it cannot be had.
   *
   * @param here  the point at theta, or null; it is let go where it only keeps memory
   * @throws as at(), InvalidModel with the reason where it cannot be had whatever it costs
   */
  [[nodiscard]] virtual std::optional<std::vector<double>> exact_hessian(std::span<const double> /*theta*/,
                                                                         std::unique_ptr<SearchPoint>& /*here*/,
                                                                         HessianCost /*cost*/) const {
    return std::nullopt;
  }

  /** A piece of work on a target of its own. */
  using Job = std::function<std::vector<double>(std::size_t index, const SearchTarget& target)>;
  /**
   * Does as many of the jobs `first` .. `last` - 1 as are worth doing at the same time, and gives their results.
   *
   * @param theta  near which they evaluate
   */
  [[nodiscard]] virtual std::vector<std::vector<double>> run_some(std::span<const double> theta, std::size_t first,
                                                                  std::size_t last, const Job& job) const = 0;
};

}  // namespace tramontana

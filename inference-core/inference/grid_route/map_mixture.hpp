// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "grid/draw_maps.hpp"
#include "inference/integration/mixture.hpp"
#include "tramontana/cancellation.hpp"
#include "tramontana/sampling.hpp"

namespace tramontana {

/** Where the variance of each theta counts, and not that of one alone. */
enum class OwnVariances {
  everywhere,
  /**
   * At steps without data of the process, which are as wide as theta says. Elsewhere the data say it, and the mean of
   * the variances differs from that at the centre by hundredths, in second order of what theta leaves open.
   */
  without_data,
};

/** @throws InvalidModel where there is none */
[[nodiscard]] const SamplingPoint& heaviest_of(std::span<const SamplingPoint> points);

/** Positions among the steps of a design. */
[[nodiscard]] std::vector<std::size_t> steps_with_own_variances(const PreparedGrid& grid,
                                                                const GridPredictionDesign& design, OwnVariances own);

/** Maps of some designs over a mixture of theta: means and, where they count, variances of each. */
class MapMixture {
 public:
  MapMixture(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs, OwnVariances own,
             const CancellationToken* cancellation);

  /** @param on_map  called after each design; may be empty */
  void set_centre(std::span<const double> theta, const std::function<void()>& on_map);
  void add(double weight, std::span<const double> theta);
  /** One theta alone. */
  [[nodiscard]] std::vector<MixtureMoments> at_centre() const;
  [[nodiscard]] std::vector<MixtureMoments> finish() const;

 private:
  void take_own(std::size_t index, std::span<const double> theta, std::vector<double>& map,
                std::vector<double>& variance) const;

  const PreparedGrid& grid_;
  std::span<const GridPredictionDesign> designs_;
  const CancellationToken* cancellation_;
  DrawMaps maps_;
  std::vector<std::vector<std::size_t>> own_steps_;
  std::vector<PredictionMoments> at_centre_;
  std::vector<MixtureSum> sums_;
};

}  // namespace tramontana

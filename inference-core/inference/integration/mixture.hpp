// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tramontana/integration.hpp"

namespace tramontana {

/**
 * Running moments of a mixture with weights that need not be normalised. The first mean is the origin of all sums, so
 * that a spread far below the mean keeps its digits.
 */
class MixtureSum {
 public:
  void add(double weight, std::span<const double> mean, std::span<const double> variance);
  [[nodiscard]] MixtureMoments finish() const;

 private:
  double total_ = 0.0;
  std::vector<double> origin_;
  std::vector<double> first_;
  std::vector<double> second_;  ///< variance plus squared deviation
};

/** One normal component. */
struct NormalComponent {
  double weight = 0.0;
  double mean = 0.0;
  double sd = 0.0;
};

/** Mean, standard deviation and quantiles of a mixture of normals; quantiles to 1e-12 of the standard deviation. */
[[nodiscard]] MarginalSummary summarise(std::span<const NormalComponent> components);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/mixture.hpp"

#include <algorithm>
#include <cmath>

#include "model/likelihoods/special_functions.hpp"

namespace tramontana {

void MixtureSum::add(double weight, std::span<const double> mean, std::span<const double> variance) {
  if (origin_.empty()) {
    origin_.assign(mean.begin(), mean.end());
    first_.assign(mean.size(), 0.0);
    second_.assign(mean.size(), 0.0);
  }
  total_ += weight;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double deviation = mean[i] - origin_[i];
    first_[i] += weight * deviation;
    second_[i] += weight * (variance[i] + deviation * deviation);
  }
}

MixtureMoments MixtureSum::finish() const {
  MixtureMoments result{std::vector<double>(origin_.size()), std::vector<double>(origin_.size())};
  for (std::size_t i = 0; i < origin_.size(); ++i) {
    const double shift = first_[i] / total_;
    result.mean[i] = origin_[i] + shift;
    result.sd[i] = std::sqrt(std::max(0.0, second_[i] / total_ - shift * shift));
  }
  return result;
}

MarginalSummary summarise(std::span<const NormalComponent> components) {
  double total = 0.0;
  double mean = 0.0;
  for (const auto& c : components) {
    total += c.weight;
    mean += c.weight * c.mean;
  }
  mean /= total;
  double variance = 0.0;
  double low = mean;
  double high = mean;
  for (const auto& c : components) {
    variance += c.weight / total * (c.sd * c.sd + (c.mean - mean) * (c.mean - mean));
    low = std::min(low, c.mean - 10.0 * c.sd);
    high = std::max(high, c.mean + 10.0 * c.sd);
  }
  MarginalSummary result{mean, std::sqrt(variance), {}};
  const double probabilities[] = {0.025, 0.5, 0.975};
  for (std::size_t i = 0; i < 3; ++i) {
    double below = low;
    double above = high;
    while (above - below > 1e-12 * result.sd) {
      const double middle = 0.5 * (below + above);
      if (middle <= below || middle >= above) break;
      double probability = 0.0;
      for (const auto& c : components) {
        probability += c.weight / total * normal_cumulative((middle - c.mean) / c.sd);
      }
      (probability < probabilities[i] ? below : above) = middle;
    }
    result.quantiles[i] = 0.5 * (below + above);
  }
  return result;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/agreed_point.hpp"

#include <array>
#include <utility>

namespace tramontana {
namespace {

class AgreedPoint final : public SearchPoint {
 public:
  AgreedPoint(std::unique_ptr<SearchPoint> point, Communicator ranks)
      : point_(std::move(point)), ranks_(std::move(ranks)), numbers_{point_->objective(), point_->rounding_error()} {
    ranks_.broadcast(numbers_);
  }

  [[nodiscard]] double objective() const override { return numbers_[0]; }
  [[nodiscard]] double rounding_error() const override { return numbers_[1]; }
  [[nodiscard]] const Posterior* posterior() const override { return point_->posterior(); }
  [[nodiscard]] std::vector<double> gradient() const override {
    auto gradient = point_->gradient();
    ranks_.broadcast(gradient);
    return gradient;
  }
  [[nodiscard]] CurvatureEstimate curvature() const override {
    auto estimate = point_->curvature();
    ranks_.broadcast(estimate.positive);
    ranks_.broadcast(estimate.observed);
    return estimate;
  }

 private:
  std::unique_ptr<SearchPoint> point_;
  Communicator ranks_;
  std::array<double, 2> numbers_;
};

}  // namespace

std::unique_ptr<SearchPoint> agreed_point(std::unique_ptr<SearchPoint> point, const Communicator& ranks) {
  if (ranks.size() == 1) return point;
  return std::make_unique<AgreedPoint>(std::move(point), ranks);
}

}  // namespace tramontana

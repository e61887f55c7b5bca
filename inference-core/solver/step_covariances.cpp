// SPDX-License-Identifier: Apache-2.0
#include "solver/step_covariances.hpp"

#include <algorithm>

namespace tramontana {

void StepCovariances::emit(std::span<const std::size_t> steps, ConstBlockView covariance) {
  std::vector<CovarianceLink> links;
  for (const auto step : steps) {
    if (step == 0) continue;
    const auto same = std::find_if(links.begin(), links.end(), [&](const CovarianceLink& link) {
      return filter_.state_of(link.step - 1) == filter_.state_of(step - 1) &&
             sequence_.coupling_tag(link.step - 1) == sequence_.coupling_tag(step - 1);
    });
    if (same == links.end()) {
      links.push_back({step, 1.0, covariance, filter_.inverse(step - 1), &sequence_.coupling(step - 1)});
    } else {
      same->count += 1.0;
    }
  }
  const auto* run = filter_.long_run();
  if (run != nullptr && std::find(steps.begin(), steps.end(), run->steps.first - 1) != steps.end()) {
    // Backward along the coupling into the run, whose own first covariance nobody needs.
    links.push_back({run->steps.first, 1.0, covariance, filter_.state_inverse(run->state),
                     &sequence_.coupling(run->steps.first - 1)});
  }
  emit(steps, covariance, links);
}

void StepCovariances::emit(std::span<const std::size_t> steps, ConstBlockView covariance,
                           std::span<const CovarianceLink> links) {
  visit_({steps, covariance, links});
  ++num_groups_;
}

}  // namespace tramontana

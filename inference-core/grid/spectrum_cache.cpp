// SPDX-License-Identifier: Apache-2.0
#include "grid/spectrum_cache.hpp"

#include <algorithm>
#include <utility>

namespace tramontana {

bool SpectrumCache::Entry::serves(std::span<const double> wanted, std::size_t lags, bool with_derivatives) const {
  return spectrum != nullptr && num_lags == lags && (has_derivatives || !with_derivatives) &&
         std::equal(parameters.begin(), parameters.end(), wanted.begin(), wanted.end());
}

std::shared_ptr<const ExpectedSpectrum> SpectrumCache::find(std::span<const double> parameters, std::size_t num_lags,
                                                            bool with_derivatives) {
  const std::scoped_lock lock(mutex_);
  if (latest_.serves(parameters, num_lags, with_derivatives)) kept_ = std::exchange(latest_, {});
  return kept_.serves(parameters, num_lags, with_derivatives) ? kept_.spectrum : nullptr;
}

std::shared_ptr<const ExpectedSpectrum> SpectrumCache::spectrum(const LatentModel& field,
                                                                std::span<const double> parameters,
                                                                const CosineAxis& rows, const CosineAxis& columns,
                                                                std::size_t num_lags, bool with_derivatives,
                                                                const Backend& backend) {
  if (auto known = find(parameters, num_lags, with_derivatives)) return known;
  auto made = std::make_shared<const ExpectedSpectrum>(
      expected_spectrum(field, parameters, rows, columns, num_lags, with_derivatives, backend));
  const std::scoped_lock lock(mutex_);
  latest_ = {{parameters.begin(), parameters.end()}, num_lags, with_derivatives, made};
  return made;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "grid/expected_spectrum.hpp"

namespace tramontana {

/**
 * The spectra of one field that were asked for last: a Hessian by differences moves the parameters of one field at a
 * time, and the curvature at a point wants what the gradient there wanted.
 *
 * A spectrum asked for twice is kept until another one is; beside it the latest. Threads may share a cache.
 */
class SpectrumCache {
 public:
  /** What `expected_spectrum` gives, with at least the derivatives asked for. */
  [[nodiscard]] std::shared_ptr<const ExpectedSpectrum> spectrum(const LatentModel& field,
                                                                 std::span<const double> parameters,
                                                                 const CosineAxis& rows, const CosineAxis& columns,
                                                                 std::size_t num_lags, bool with_derivatives,
                                                                 const Backend& backend);

 private:
  struct Entry {
    std::vector<double> parameters;
    std::size_t num_lags = 0;
    bool has_derivatives = false;
    std::shared_ptr<const ExpectedSpectrum> spectrum;

    [[nodiscard]] bool serves(std::span<const double> wanted, std::size_t lags, bool with_derivatives) const;
  };

  [[nodiscard]] std::shared_ptr<const ExpectedSpectrum> find(std::span<const double> parameters, std::size_t num_lags,
                                                             bool with_derivatives);

  std::mutex mutex_;
  Entry kept_;
  Entry latest_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inference/posterior/prepared_model.hpp"
#include "tramontana/errors.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {

/** The box of a fit: bounds of the options or the defaults, fixed priors, and a start inside. */
class ThetaBox {
 public:
  /**
   * @param defaults  for what the options leave open; equal bounds fix a component
   * @throws InvalidModel when the start is outside of bounds that the options give
   */
  ThetaBox(std::vector<std::string> names, ThetaBounds defaults, const FitOptions& options);
  /** @throws InvalidModel as above, or when a range is unresolved */
  ThetaBox(const PreparedModel& model, const FitOptions& options);

  [[nodiscard]] const std::vector<double>& lower() const { return bounds_.lower; }
  [[nodiscard]] const std::vector<double>& upper() const { return bounds_.upper; }
  [[nodiscard]] bool is_fixed(std::size_t index) const { return bounds_.lower[index] >= bounds_.upper[index]; }
  /** The start, with fixed components at their values. */
  [[nodiscard]] const std::vector<double>& start() const { return start_; }

  void clamp(std::span<double> theta) const;
  /** Whether the component is fixed, or at a bound that the descent direction would cross. */
  [[nodiscard]] std::vector<bool> held(std::span<const double> theta, std::span<const double> gradient) const;
  /** Largest |gradient| over components that are not held. */
  [[nodiscard]] double free_norm(std::span<const double> theta, std::span<const double> gradient) const;
  /** "log_range_s_0 (upper bound 12.3)" for each component that a bound holds. */
  [[nodiscard]] std::vector<std::string> active(std::span<const double> theta, std::span<const double> gradient) const;

 private:
  std::vector<std::string> names_;
  ThetaBounds bounds_;
  std::vector<double> start_;
};

/** What the default box of theta is measured in. */
struct ThetaScales {
  double shortest_length = 0.0;  ///< what a field is seen at: an edge, a cell
  double longest_length = 0.0;   ///< diameter of the domain
  double shortest_step = 1.0;
  double whole_period = 1.0;
  std::vector<double> sd;                  ///< of the data of each process
  std::vector<std::size_t> group_process;  ///< process of each group of observations
};

/** The box of default_theta_bounds() but for random effects. */
[[nodiscard]] ThetaBounds bounds_for(const ThetaLayout& layout, std::span<const ThetaPrior> priors,
                                     const ThetaScales& scales);

/** Says which prior, start or bound keeps a spatial range below the shortest edge of the mesh, if one does. */
[[nodiscard]] std::optional<InvalidModel> unresolved_range(const PreparedModel& model, const FitOptions& options);

/** Mean edge length of a mesh from the lumped mass of its nodes, as if its triangles were equilateral; units of length.
 */
[[nodiscard]] double mean_edge_length(std::span<const double> lumped_mass);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/field_conditional.hpp"

#include <algorithm>

#include "inference/posterior/data_space.hpp"
#include "inference/posterior/field_recursion.hpp"

namespace tramontana {
namespace {

/** Noise precision times prior variance up to which nothing need be watched: ten digits of the prior are left. */
constexpr double largest_plain_ratio = 1e6;

/** Largest D times the prior variance of its predictor: by what the data outweigh the prior. */
double data_to_prior(const PredictorMap& map) {
  double largest = 0.0;
  for (std::size_t group = 0; group < map.observations().size(); ++group) {
    const auto& observed = map.observations()[group];
    const double variance = map.prior().response_variance(observed.process());
    for (const double weight : observed.weights()) {
      largest = std::max(largest, map.prior().noise_precision(group) * weight * variance);
    }
  }
  return largest;
}

}  // namespace

CoordinateBasis basis_of(const PriorAtTheta& prior, const EvaluationOptions& options) {
  using Coordinates = EvaluationOptions::Coordinates;
  const bool has_nodal_form = prior.fields().front().has_polynomials();
  if (options.coordinates == Coordinates::nodal && !has_nodal_form) {
    throw InvalidModel("coordinates must be spectral for an exact diffusion, found nodal.",
                       {{"field", std::string("coordinates")}});
  }
  // Working weights change at every iteration: between the nodes they stay on the diagonal.
  const bool prefers_nodal =
      options.coordinates == Coordinates::automatic && !prior.prepared().is_gaussian() && has_nodal_form;
  return options.coordinates == Coordinates::nodal || prefers_nodal ? CoordinateBasis::nodal
                                                                    : CoordinateBasis::spectral;
}

std::unique_ptr<const FieldConditional> condition_fields(const PredictorMap& map, const EvaluationOptions& options,
                                                         const CancellationToken* cancellation) {
  const auto basis = basis_of(map.prior(), options);
  const double ratio = data_to_prior(map);
  const bool outweighs = !(ratio < largest_plain_ratio);
  if (outweighs && options.coordinates != EvaluationOptions::Coordinates::nodal) {
    if (auto direct = DataSpace::where_of_use(map)) return direct;
  }
  return std::make_unique<const FieldRecursion>(map, basis, options, outweighs ? std::optional(ratio) : std::nullopt,
                                                cancellation);
}

}  // namespace tramontana

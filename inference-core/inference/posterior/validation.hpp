// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "tramontana/engine_model.hpp"

namespace tramontana {

/**
 * Checks shapes, ranges and finiteness of everything in the model except the number of priors, which follows from the
 * latent model. @throws InvalidModel naming the field, the expectation and the value
 */
void validate_model(const EngineModel& model);

/** @throws InvalidModel with the first of the values that is not finite */
void validate_finite(std::span<const double> values, const std::string& name);

/** @throws InvalidModel unless `matrix` is a well-formed CSR matrix of this size with finite values */
void validate_csr(const CsrMatrix& matrix, const std::string& name, std::int64_t num_rows, std::int64_t num_columns);

/** A projector whose every row weighs a node: what lies outside the mesh has no field. @throws InvalidModel */
void validate_projector(const CsrMatrix& matrix, const std::string& name, std::int64_t num_rows,
                        std::int64_t num_columns);

/** @throws InvalidModel unless `matrix` is a symmetric c0.size() square matrix and c0 is positive */
void validate_mesh(std::span<const double> c0, const CsrMatrix& g1);

}  // namespace tramontana

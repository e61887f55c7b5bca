// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "napi/field_table.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/grid.hpp"

namespace tramontana::addon {

/**
 * The fields of everything that a model is made of: each name stands here once, and nowhere else in C++. The tables of
 * host-ts/contract/model-fields.ts are the same, which a test compares.
 */
[[nodiscard]] const FieldTable<CsrMatrix>& csr_fields();
[[nodiscard]] const FieldTable<ObservationGroup>& observation_group_fields();
[[nodiscard]] const FieldTable<RandomEffect>& random_effect_fields();
[[nodiscard]] const FieldTable<EngineModel>& engine_model_fields();
[[nodiscard]] const FieldTable<PredictionDesign>& prediction_design_fields();
[[nodiscard]] const FieldTable<ModelOutline>& model_outline_fields();
[[nodiscard]] const FieldTable<GridModel>& grid_model_fields();
[[nodiscard]] const FieldTable<GridPredictionDesign>& grid_prediction_design_fields();

/** A prior: an object whose `type` says which other fields it has. */
[[nodiscard]] ThetaPrior prior_from_js(const Napi::Value& value, const std::string& path);

/** All tables: {structs: {name: fields}, priors: {type: fields}}. */
[[nodiscard]] Napi::Object model_fields_to_js(Napi::Env env);

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "napi/model_fields.hpp"

namespace tramontana::addon {
namespace {

/** One type of prior: the kind it sets, and its fields. */
struct PriorType {
  const char* type;
  ThetaPrior::Kind kind;
  FieldTable<ThetaPrior> fields;
};

const std::vector<PriorType>& prior_types() {
  using Kind = ThetaPrior::Kind;
  static const std::vector<PriorType> types{
      {"gaussian",
       Kind::gaussian,
       {"gaussian", {number("mean", &ThetaPrior::mean), number("precision", &ThetaPrior::precision)}}},
      {"penalized-complexity",
       Kind::sigma,
       {"penalized-complexity",
        {choice("kind", &ThetaPrior::kind,
                {{"spatial-range", Kind::spatial_range},
                 {"temporal-range", Kind::temporal_range},
                 {"sigma", Kind::sigma},
                 {"noise-sd", Kind::noise_sd},
                 {"noise-precision-compat", Kind::noise_precision_compat}}),
         number("lambda", &ThetaPrior::lambda)}}},
      {"log-gamma",
       Kind::log_gamma,
       {"log-gamma", {number("shape", &ThetaPrior::shape), number("rate", &ThetaPrior::rate)}}},
      {"fixed", Kind::fixed, {"fixed", {number("value", &ThetaPrior::mean)}}},
  };
  return types;
}

template <class Struct>
Field<Struct> priors(const char* name, std::vector<ThetaPrior> Struct::*member) {
  return list(name, "ThetaPrior", member, [](const Napi::Value& value, const std::string& path, std::size_t) {
    return prior_from_js(value, path);
  });
}

template <class Struct>
Field<Struct> model_kind(ModelKind Struct::*member) {
  return choice("kind", member,
                {{"spatio-temporal", ModelKind::spatio_temporal},
                 {"exact-diffusion", ModelKind::exact_diffusion},
                 {"spatial", ModelKind::spatial},
                 {"separable", ModelKind::separable}});
}

template <class Struct>
Field<Struct> likelihood(Likelihood Struct::*member) {
  return choice("likelihood", member,
                {{"gaussian", Likelihood::gaussian},
                 {"poisson", Likelihood::poisson},
                 {"binomial", Likelihood::binomial},
                 {"gamma", Likelihood::gamma},
                 {"student-t", Likelihood::student_t}});
}

/** Structs of a list; one that does not say observes the process of its own index. */
template <class Struct, class Group>
Field<Struct> groups(const char* name, std::vector<Group> Struct::*member, const FieldTable<Group>& table) {
  return list(name, table.name(), member,
              [&table](const Napi::Value& value, const std::string& path, std::size_t index) {
                Group group;
                group.process = static_cast<std::int32_t>(index);
                return table.read(value, path, std::move(group));
              });
}

const FieldTable<TemporalMatrices>& temporal_fields() {
  static const FieldTable<TemporalMatrices> table{
      "TemporalMatrices",
      {numbers("m0", &TemporalMatrices::m0), numbers("m1", &TemporalMatrices::m1),
       numbers("m2Diagonal", &TemporalMatrices::m2_diagonal),
       numbers("m2OffDiagonal", &TemporalMatrices::m2_off_diagonal)}};
  return table;
}

const FieldTable<SpectralBasis>& basis_fields() {
  static const FieldTable<SpectralBasis> table{
      "SpectralBasis",
      {numbers("eigenvalues", &SpectralBasis::eigenvalues), numbers("eigenvectors", &SpectralBasis::eigenvectors)}};
  return table;
}

const FieldTable<RegularGrid>& regular_grid_fields() {
  static const FieldTable<RegularGrid> table{
      "RegularGrid",
      {integer("numRows", &RegularGrid::num_rows), integer("numColumns", &RegularGrid::num_columns),
       number("cellHeight", &RegularGrid::cell_height), number("cellWidth", &RegularGrid::cell_width)}};
  return table;
}

const FieldTable<GridGroup>& grid_group_fields() {
  static const FieldTable<GridGroup> table{
      "GridGroup",
      {integer("process", &GridGroup::process), integers("timeIndex", &GridGroup::time_index),
       numbers("y", &GridGroup::y), numbers("covariates", &GridGroup::covariates),
       integer("numCovariates", &GridGroup::num_covariates),
       optional(numbers_of_each("weights", &GridGroup::weights, &GridGroup::time_index))}};
  return table;
}

const FieldTable<GridIntervals>& grid_intervals_fields() {
  static const FieldTable<GridIntervals> table{
      "GridIntervals", {numbers("centres", &GridIntervals::centres), number("width", &GridIntervals::width)}};
  return table;
}

}  // namespace

ThetaPrior prior_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  const auto type = text_from_js(object.Get("type"), path + ".type");
  std::string expected;
  for (const auto& one : prior_types()) {
    if (type == one.type) {
      ThetaPrior prior;
      prior.kind = one.kind;
      one.fields.read_into(object, prior);
      object.refuse_others();
      return prior;
    }
    expected += (expected.empty() ? "'" : ", '") + std::string(one.type) + "'";
  }
  throw InvalidModel(path + ".type must be one of " + expected + ", found '" + type + "'.",
                     {{"field", path + ".type"}});
}

const FieldTable<CsrMatrix>& csr_fields() {
  static const FieldTable<CsrMatrix> table{
      "CsrMatrix",
      {integer("numRows", &CsrMatrix::num_rows), integer("numColumns", &CsrMatrix::num_columns),
       integers("rowPointers", &CsrMatrix::row_pointers), integers("columnIndices", &CsrMatrix::column_indices),
       numbers("values", &CsrMatrix::values)}};
  return table;
}

const FieldTable<ObservationGroup>& observation_group_fields() {
  using Group = ObservationGroup;
  static const FieldTable<Group> table{
      "ObservationGroup",
      {optional(integer("process", &Group::process)), optional(likelihood(&Group::likelihood)),
       optional(choice("transform", &Group::transform,
                       {{"identity", ResponseTransform::identity},
                        {"log", ResponseTransform::log},
                        {"square-root", ResponseTransform::square_root}})),
       numbers("y", &Group::y), integers("timeIndex", &Group::time_index),
       structure("projector", &Group::projector, csr_fields()), numbers("covariates", &Group::covariates),
       integer("numCovariates", &Group::num_covariates),
       optional(numbers_of_each("weights", &Group::weights, &Group::y)),
       optional(numbers_of_each("exposure", &Group::exposure, &Group::y)),
       optional(list("effectLevels", "integers", &Group::effect_levels,
                     [](const Napi::Value& value, const std::string& path, std::size_t) {
                       return integers_from_js(value, path);
                     }))}};
  return table;
}

const FieldTable<RandomEffect>& random_effect_fields() {
  static const FieldTable<RandomEffect> table{
      "RandomEffect",
      {integer("process", &RandomEffect::process), integer("numLevels", &RandomEffect::num_levels),
       optional(
           choice("structure", &RandomEffect::structure,
                  {{"iid", RandomEffect::Structure::iid}, {"cyclic-walk", RandomEffect::Structure::cyclic_walk}}))}};
  return table;
}

const FieldTable<EngineModel>& engine_model_fields() {
  using Model = EngineModel;
  static const FieldTable<Model> table{
      "EngineModel",
      {model_kind(&Model::kind),
       choice("manifold", &Model::manifold, {{"plane", Manifold::plane}, {"sphere", Manifold::sphere}}),
       optional(integer("sphereSeriesTerms", &Model::sphere_series_terms)),
       integer("numTimeSteps", &Model::num_time_steps), numbers("c0", &Model::c0),
       structure("g1", &Model::g1, csr_fields()), optional(structure("temporal", &Model::temporal, temporal_fields())),
       optional(structure("spectralBasis", &Model::spectral_basis, basis_fields())),
       groups("observations", &Model::observations, observation_group_fields()),
       optional(list("randomEffects", &Model::random_effects, random_effect_fields())),
       number("fixedEffectsPriorPrecision", &Model::fixed_effects_prior_precision), priors("priors", &Model::priors)}};
  return table;
}

const FieldTable<PredictionDesign>& prediction_design_fields() {
  using Design = PredictionDesign;
  static const FieldTable<Design> table{
      "PredictionDesign",
      {integer("process", &Design::process), integers("timeIndices", &Design::time_indices),
       structure("projector", &Design::projector, csr_fields()), numbers("covariates", &Design::covariates)}};
  return table;
}

const FieldTable<ModelOutline>& model_outline_fields() {
  using Outline = ModelOutline;
  static const FieldTable<Outline::Group> group_table{
      "OutlineGroup",
      {optional(integer("process", &Outline::Group::process)), optional(likelihood(&Outline::Group::likelihood))}};
  static const FieldTable<Outline> table{"ModelOutline",
                                         {model_kind(&Outline::kind), groups("groups", &Outline::groups, group_table),
                                          integer("numRandomEffects", &Outline::num_random_effects)}};
  return table;
}

const FieldTable<GridModel>& grid_model_fields() {
  using Model = GridModel;
  static const FieldTable<Model> table{
      "GridModel",
      {choice("kind", &Model::kind,
              {{"exact-diffusion", ModelKind::exact_diffusion},
               {"separable", ModelKind::separable},
               {"spatial", ModelKind::spatial}}),
       structure("grid", &Model::grid, regular_grid_fields()), integer("numTimeSteps", &Model::num_time_steps),
       list("groups", &Model::groups, grid_group_fields()),
       number("fixedEffectsPriorPrecision", &Model::fixed_effects_prior_precision), priors("priors", &Model::priors)}};
  return table;
}

const FieldTable<GridPredictionDesign>& grid_prediction_design_fields() {
  using Design = GridPredictionDesign;
  static const FieldTable<Design> table{
      "GridPredictionDesign",
      {integer("process", &Design::process), integers("timeIndices", &Design::time_indices),
       structure("rows", &Design::rows, grid_intervals_fields()),
       structure("columns", &Design::columns, grid_intervals_fields()), numbers("covariates", &Design::covariates),
       optional(integer("modesPerCell", &Design::modes_per_cell))}};
  return table;
}

Napi::Object model_fields_to_js(Napi::Env env) {
  auto structs = Napi::Object::New(env);
  const auto add = [&](const auto& table) { structs.Set(table.name(), fields_to_js(env, table)); };
  add(csr_fields());
  add(temporal_fields());
  add(basis_fields());
  add(observation_group_fields());
  add(random_effect_fields());
  add(engine_model_fields());
  add(prediction_design_fields());
  add(regular_grid_fields());
  add(grid_group_fields());
  add(grid_model_fields());
  add(grid_intervals_fields());
  add(grid_prediction_design_fields());
  auto priors = Napi::Object::New(env);
  for (const auto& one : prior_types()) priors.Set(one.type, fields_to_js(env, one.fields));
  auto result = Napi::Object::New(env);
  result.Set("structs", structs);
  result.Set("priors", priors);
  return result;
}

}  // namespace tramontana::addon

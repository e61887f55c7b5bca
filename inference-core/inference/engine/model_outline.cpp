// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "model/latent_model.hpp"
#include "model/likelihood.hpp"
#include "model/theta_layout.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

/** Processes that groups observe. @throws InvalidModel unless they are 0, 1, .. */
std::size_t count_processes(const std::vector<ModelOutline::Group>& groups) {
  std::vector<std::int32_t> processes;
  for (const auto& group : groups) processes.push_back(group.process);
  std::sort(processes.begin(), processes.end());
  processes.erase(std::unique(processes.begin(), processes.end()), processes.end());
  for (std::size_t process = 0; process < processes.size(); ++process) {
    if (processes[process] == static_cast<std::int32_t>(process)) continue;
    throw InvalidModel("groups must observe every process from 0 on, found none of process " + std::to_string(process) +
                           " and one of process " + std::to_string(processes[process]) + ".",
                       {{"field", std::string("groups")}});
  }
  if (processes.empty()) {
    throw InvalidModel("groups must have at least one group, found none.", {{"field", std::string("groups")}});
  }
  return processes.size();
}

std::vector<std::string> field_parameter_names(ModelKind kind) {
  // Names hang on the kind alone: the smallest model of it will do.
  EngineModel smallest;
  smallest.kind = kind;
  smallest.temporal = TemporalMatrices{{1.0}, {1.0}, {1.0}, {}};
  return make_latent_model(smallest)->parameter_names();
}

}  // namespace

std::vector<std::string> theta_names(const ModelOutline& outline) {
  const std::size_t num_processes = count_processes(outline.groups);
  if (outline.num_random_effects < 0) {
    throw InvalidModel(
        "numRandomEffects must not be negative, found " + std::to_string(outline.num_random_effects) + ".",
        {{"field", std::string("numRandomEffects")}});
  }
  std::vector<GroupParameters> groups;
  for (const auto& group : outline.groups) {
    groups.push_back({static_cast<std::size_t>(group.process), likelihood_model(group.likelihood).parameter_names()});
  }
  const ThetaLayout layout(field_parameter_names(outline.kind), num_processes, groups,
                           static_cast<std::size_t>(outline.num_random_effects));
  return layout.names();
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "model/theta_layout.hpp"

#include <cmath>

#include "tramontana/errors.hpp"

namespace tramontana {

ThetaLayout::ThetaLayout(const std::vector<std::string>& field_parameter_names, std::size_t num_processes,
                         const std::vector<GroupParameters>& groups, std::size_t num_random_effects)
    : field_(num_processes), likelihood_(groups.size()) {
  const auto add = [this](const std::string& name) {
    names_.push_back(name);
    return names_.size() - 1;
  };
  std::vector<bool> placed(groups.size(), false);
  const auto add_first_group = [&](std::size_t process, const std::string& suffix) {
    for (std::size_t group = 0; group < groups.size(); ++group) {
      if (groups[group].process != process) continue;
      for (const auto& name : groups[group].names) likelihood_[group].push_back(add(name + suffix));
      placed[group] = true;
      return;
    }
  };
  if (num_processes == 1) {
    for (const auto& name : field_parameter_names) field_[0].push_back(add(name));
    add_first_group(0, "");
  } else {
    for (std::size_t process = 0; process < num_processes; ++process) {
      const auto suffix = "_" + std::to_string(process);
      for (std::size_t i = 0; i + 1 < field_parameter_names.size(); ++i) {
        field_[process].push_back(add(field_parameter_names[i] + suffix));
      }
      add_first_group(process, suffix);
    }
    for (std::size_t process = 0; process < num_processes; ++process) {
      field_[process].push_back(add(field_parameter_names.back() + "_" + std::to_string(process)));
    }
    for (std::size_t target = 1; target < num_processes; ++target) {
      for (std::size_t source = target; source-- > 0;) {
        const auto index = add("lambda_" + std::to_string(source) + "_to_" + std::to_string(target));
        lambdas_.push_back({target, source, index});
      }
    }
  }
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (placed[group]) continue;
    for (const auto& name : groups[group].names) {
      likelihood_[group].push_back(add(name + "_group_" + std::to_string(group)));
    }
  }
  for (std::size_t effect = 0; effect < num_random_effects; ++effect) {
    random_effects_.push_back(add("log_effect_precision_" + std::to_string(effect)));
  }
}

void ThetaLayout::check(std::span<const double> theta) const {
  if (theta.size() != size()) {
    throw InvalidModel(
        "theta must have " + std::to_string(size()) + " components, found " + std::to_string(theta.size()) + ".",
        {{"expected", static_cast<std::int64_t>(size())}, {"found", static_cast<std::int64_t>(theta.size())}});
  }
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (!std::isfinite(theta[i])) {
      throw InvalidModel("theta[" + std::to_string(i) + "] (" + names_[i] + ") must be finite, found " +
                             std::to_string(theta[i]) + ".",
                         {{"index", static_cast<std::int64_t>(i)}, {"name", names_[i]}});
    }
  }
}

std::vector<double> coregionalisation_matrix(const ThetaLayout& layout, std::span<const double> theta) {
  const std::size_t n = layout.num_processes();
  std::vector<double> matrix(n * n, 0.0);
  for (std::size_t target = 0; target < n; ++target) {
    matrix[target * n + target] = 1.0;
    for (const auto& entry : layout.lambdas()) {
      if (entry.target != target) continue;
      for (std::size_t k = 0; k <= entry.source; ++k) {
        matrix[target * n + k] += theta[entry.theta_index] * matrix[entry.source * n + k];
      }
    }
  }
  return matrix;
}

void add_lambda_gradient(const ThetaLayout& layout, std::span<const double> coregionalisation,
                         std::span<const double> by_entry, std::span<double> gradient) {
  const std::size_t n = layout.num_processes();
  for (const auto& entry : layout.lambdas()) {
    double sum = 0.0;
    for (std::size_t j = entry.target; j < n; ++j) {
      for (std::size_t k = 0; k <= entry.source; ++k) {
        sum += by_entry[j * n + k] * coregionalisation[j * n + entry.target] * coregionalisation[entry.source * n + k];
      }
    }
    gradient[entry.theta_index] += sum;
  }
}

}  // namespace tramontana

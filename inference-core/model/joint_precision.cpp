// SPDX-License-Identifier: Apache-2.0
#include "model/joint_precision.hpp"

#include <map>
#include <utility>

#include "model/nodal_precision.hpp"
#include "model/spectral_precision.hpp"

namespace tramontana {
namespace {

/** Numbers distinct keys in order of appearance. */
template <class Key>
class TagTable {
 public:
  int tag_of(const Key& key) { return table_.emplace(key, static_cast<int>(table_.size())).first->second; }

 private:
  std::map<Key, int> table_;
};

}  // namespace

JointPrecision::JointPrecision(JointTerms terms)
    : terms_(std::move(terms)),
      num_processes_(terms_.priors->size()),
      num_nodes_(terms_.basis->num_nodes()),
      num_steps_(terms_.priors->front().num_steps()) {
  TagTable<std::vector<double>> temporal_tags;
  TagTable<std::vector<double>> couplings;
  TagTable<std::vector<int>> patterns;
  TagTable<std::pair<int, int>> blocks;
  const auto& temporal = terms_.priors->front().terms();
  for (std::size_t step = 0; step < num_steps_; ++step) {
    std::vector<double> diagonal;
    for (const auto& term : temporal) diagonal.push_back(term.diagonal[step]);
    std::vector<int> pattern;
    for (std::size_t group = 0; group < terms_.observations->size(); ++group) {
      pattern.push_back((*terms_.observations)[group].pattern_of(step));
    }
    diagonal_tags_.push_back(blocks.tag_of({temporal_tags.tag_of(diagonal), patterns.tag_of(pattern)}));
    if (step + 1 < num_steps_) {
      std::vector<double> off;
      for (const auto& term : temporal) off.push_back(term.off_diagonal[step]);
      coupling_tags_.push_back(couplings.tag_of(off));
    }
  }
}

void JointPrecision::build_couplings() {
  for (std::size_t step = 0; step + 1 < num_steps_; ++step) {
    if (static_cast<std::size_t>(coupling_tags_[step]) == couplings_.size()) couplings_.push_back(make_coupling(step));
  }
}

BlockTerms JointPrecision::diagonal_terms(std::size_t step) const {
  BlockTerms terms;
  for (std::size_t group = 0; group < terms_.observations->size(); ++group) {
    const auto& observations = (*terms_.observations)[group];
    const int pattern = observations.pattern_of(step);
    if (pattern < 0) continue;
    const std::size_t response = observations.process();
    for (std::size_t l = 0; l <= response; ++l) {
      for (std::size_t k = l; k <= response; ++k) {
        const double coefficient = terms_.noise_precisions[group] * lower(response, k) * lower(response, l);
        if (coefficient == 0.0) continue;
        terms.patterns.push_back(
            {coefficient, pattern_block(observations.pattern(pattern)), k * num_nodes_, l * num_nodes_});
      }
    }
  }
  add_prior(step, terms);
  return terms;
}

void JointPrecision::add_observed_moments(const Backend& backend, const StepCovariance& group,
                                          CovarianceMoments& moments) const {
  const auto& kernels = backend.blocks();
  const auto count = static_cast<double>(group.steps.size());
  const std::size_t step = group.steps.front();
  for (std::size_t index = 0; index < terms_.observations->size(); ++index) {
    const auto& observations = (*terms_.observations)[index];
    const int number = observations.pattern_of(step);
    if (number < 0) continue;
    const auto pattern = pattern_block(observations.pattern(number));
    const auto* dense = std::get_if<ConstBlockView>(&pattern);
    const std::size_t response = observations.process();
    auto& observed = moments.observed[index];
    for (std::size_t l = 0; l <= response; ++l) {
      for (std::size_t k = l; k <= response; ++k) {
        const auto block = group.covariance.block(k * num_nodes_, l * num_nodes_, num_nodes_, num_nodes_);
        const auto symmetry = k == l ? Symmetry::symmetric : Symmetry::general;
        const double value =
            count * (dense != nullptr ? kernels.inner_product(*dense, block, symmetry)
                                      : kernels.inner_product(*std::get<const SparseBlock*>(pattern), block, symmetry));
        observed[k * num_processes_ + l] += value;
        if (k != l) observed[l * num_processes_ + k] += value;
      }
    }
  }
}

CovarianceMoments JointPrecision::empty_moments() const {
  CovarianceMoments moments;
  const std::size_t num_terms = terms_.priors->front().terms().size();
  moments.by_mode.assign(num_processes_, ModeMoments(num_terms * num_nodes_, 0.0));
  moments.by_power.assign(num_processes_, CoefficientTable<double>{});
  moments.observed.assign(terms_.observations->size(), std::vector<double>(num_processes_ * num_processes_, 0.0));
  return moments;
}

std::unique_ptr<JointPrecision> make_joint_precision(CoordinateBasis basis, JointTerms terms, const CsrMatrix& g1,
                                                     std::span<const double> c0, const Backend& backend) {
  if (basis == CoordinateBasis::spectral) return std::make_unique<SpectralPrecision>(std::move(terms));
  return std::make_unique<NodalPrecision>(std::move(terms), g1, c0, backend);
}

}  // namespace tramontana

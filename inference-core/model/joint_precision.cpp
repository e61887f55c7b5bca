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
    observation_tags_.push_back(patterns.tag_of(pattern));
    diagonal_tags_.push_back(blocks.tag_of({temporal_tags.tag_of(diagonal), observation_tags_.back()}));
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

void JointPrecision::assemble_observations(std::size_t step, MatrixView out) const {
  for (std::size_t j = 0; j < out.columns; ++j) std::fill_n(out.column(j) + j, out.rows - j, 0.0);
  for (std::size_t group = 0; group < terms_.observations->size(); ++group) {
    const auto& observations = (*terms_.observations)[group];
    const int pattern = observations.pattern_of(step);
    if (pattern < 0) continue;
    const std::size_t response = observations.process();
    for (std::size_t l = 0; l <= response; ++l) {
      for (std::size_t k = l; k <= response; ++k) {
        const double coefficient = terms_.noise_precisions[group] * lower(response, k) * lower(response, l);
        if (coefficient == 0.0) continue;
        add_pattern(coefficient, observations.pattern(pattern),
                    out.block(k * num_nodes_, l * num_nodes_, num_nodes_, num_nodes_), k == l);
      }
    }
  }
}

std::shared_ptr<const DenseMatrix> JointPrecision::observation_part(std::size_t step) const {
  const std::lock_guard lock(cache_mutex_);
  if (cached_tag_ != observation_tags_[step]) {
    auto assembled = std::make_shared<DenseMatrix>(block_size(), block_size());
    assemble_observations(step, assembled->view());
    cached_observations_ = std::move(assembled);
    cached_tag_ = observation_tags_[step];
  }
  return cached_observations_;
}

void JointPrecision::assemble_diagonal(std::size_t step, MatrixView out) const {
  const auto observed = observation_part(step);
  const auto source = observed->view();
  for (std::size_t j = 0; j < out.columns; ++j) std::copy_n(source.column(j) + j, out.rows - j, out.column(j) + j);
  add_prior(step, out);
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
                                                     std::span<const double> c0) {
  if (basis == CoordinateBasis::spectral) return std::make_unique<SpectralPrecision>(std::move(terms));
  return std::make_unique<NodalPrecision>(std::move(terms), g1, c0);
}

}  // namespace tramontana

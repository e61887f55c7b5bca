// SPDX-License-Identifier: Apache-2.0
#include "solver/backward_recursion.hpp"

#include <array>
#include <utility>

#include "kernels/block_kernels.hpp"

namespace tramontana {
namespace {

/** S^-1 + S^-1 G S^-1 with G = C' Sigma C. */
Block updated_covariance(const BlockKernels& kernels, const Coupling& coupling, ConstBlockView inverse,
                         ConstBlockView next) {
  const std::size_t size = inverse.rows();
  auto g = kernels.allocate(size, size);
  kernels.assemble({}, std::array{Congruence{1.0, &coupling, Transpose::yes, next}}, g.view());
  kernels.mirror(g.view());
  auto product = kernels.allocate(size, size);
  kernels.symmetric_multiply(1.0, inverse, g.view(), 0.0, product.view());
  kernels.copy(inverse, g.view());
  kernels.mirror(g.view());
  auto updated = kernels.allocate(size, size);
  kernels.copy(g.view(), updated.view());
  kernels.symmetric_result_multiply(Transpose::no, 1.0, product.view(), g.view(), 1.0, updated.view());
  return updated;
}

}  // namespace

SelectedInverseSummary run_backward(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                                    const RecursionOptions& options, const CancellationToken* cancellation,
                                    const CovarianceVisitor& visit) {
  const std::size_t num_steps = sequence.num_blocks();
  StepCovariances groups(sequence, filter, visit);
  SteadyStateDetector detector(options.steady_state_tolerance);
  Block covariance;
  ConstBlockView present = filter.inverse(num_steps - 1);
  bool steady = false;
  std::array<int, 4> key{-3, -3, -3, -3};
  std::vector<std::size_t> steps{num_steps - 1};
  for (std::size_t step = num_steps - 1; step-- > 0;) {
    if (cancellation != nullptr) cancellation->throw_if_cancelled();
    const std::array<int, 4> step_key{filter.state_of(step), sequence.coupling_tag(step),
                                      step == 0 ? -1 : filter.state_of(step - 1),
                                      step == 0 ? -1 : sequence.coupling_tag(step - 1)};
    if (!(steady && step_key == key)) {
      groups.emit(steps, present);
      steps.clear();
      covariance = updated_covariance(backend.blocks(), sequence.coupling(step), filter.inverse(step), present);
      present = std::as_const(covariance).view();
      if (step_key != key) detector.reset();
      steady = detector.observe(backend.blocks().diagonal(present));
      key = step_key;
    }
    steps.push_back(step);
  }
  groups.emit(steps, present);
  SelectedInverseSummary summary;
  summary.method = SelectedInverseMethod::backward;
  summary.num_groups = groups.num_groups();
  return summary;
}

}  // namespace tramontana

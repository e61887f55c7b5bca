// SPDX-License-Identifier: Apache-2.0
#include "solver/backward_recursion.hpp"

#include <array>
#include <utility>

#include "kernels/coupling_kernels.hpp"

namespace tramontana {
namespace {

/** S^-1 + S^-1 G S^-1 with G = C' Sigma C. */
DenseMatrix updated_covariance(const Backend& backend, const Coupling& coupling, ConstMatrixView inverse,
                               ConstMatrixView next) {
  const std::size_t size = inverse.rows;
  auto g = DenseMatrix::zero(size, size);
  subtract_coupled_congruence(backend, coupling, Transpose::yes, next, g.view());
  mirror_lower(g.view());
  DenseMatrix product(size, size);
  backend.symmetric_multiply(-1.0, inverse, g.view(), 0.0, product.view());
  std::copy_n(inverse.data, size * size, g.data());
  mirror_lower(g.view());
  DenseMatrix updated(size, size);
  std::copy_n(g.data(), size * size, updated.data());
  backend.symmetric_result_multiply(Transpose::no, 1.0, std::as_const(product).view(), std::as_const(g).view(), 1.0,
                                    updated.view());
  return updated;
}

}  // namespace

SelectedInverseSummary run_backward(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                                    const RecursionOptions& options, const CancellationToken* cancellation,
                                    const CovarianceVisitor& visit) {
  const std::size_t num_steps = sequence.num_blocks();
  StepCovariances groups(sequence, filter, visit);
  SteadyStateDetector detector(options.steady_state_tolerance);
  DenseMatrix covariance;
  ConstMatrixView present = filter.inverse(num_steps - 1);
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
      covariance = updated_covariance(backend, sequence.coupling(step), filter.inverse(step), present);
      present = std::as_const(covariance).view();
      if (step_key != key) detector.reset();
      steady = detector.observe(present);
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

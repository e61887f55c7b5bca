// SPDX-License-Identifier: Apache-2.0
#include "solver/schur_step.hpp"

#include <array>

#include "solver/inversion.hpp"

namespace tramontana {

double invert_schur_complement(const BlockSequence& sequence, const BlockKernels& kernels, std::size_t step,
                               const Eliminated& eliminated, BlockView out) {
  std::array<Congruence, 2> congruences;
  std::size_t count = 0;
  if (eliminated.before != nullptr) {
    congruences[count++] = {-1.0, &sequence.coupling(step - 1), Transpose::no, *eliminated.before};
  }
  if (eliminated.after != nullptr) {
    congruences[count++] = {-1.0, &sequence.coupling(step), Transpose::yes, *eliminated.after};
  }
  kernels.assemble(sequence.diagonal_terms(step), std::span(congruences).first(count), out);
  const char* what = eliminated.after == nullptr    ? "Schur complement"
                     : eliminated.before == nullptr ? "backward Schur complement"
                                                    : "marginal precision";
  return invert_or_throw(kernels, out, step, what);
}

}  // namespace tramontana

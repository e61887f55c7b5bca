// SPDX-License-Identifier: Apache-2.0
#include "solver/schur_step.hpp"

#include "kernels/coupling_kernels.hpp"
#include "solver/inversion.hpp"

namespace tramontana {

double invert_schur_complement(const BlockSequence& sequence, const Backend& backend, std::size_t step,
                               const Eliminated& eliminated, MatrixView out) {
  sequence.assemble_diagonal(step, out);
  if (eliminated.before != nullptr) {
    subtract_coupled_congruence(backend, sequence.coupling(step - 1), Transpose::no, *eliminated.before, out);
  }
  if (eliminated.after != nullptr) {
    subtract_coupled_congruence(backend, sequence.coupling(step), Transpose::yes, *eliminated.after, out);
  }
  const char* what = eliminated.after == nullptr    ? "Schur complement"
                     : eliminated.before == nullptr ? "backward Schur complement"
                                                    : "marginal precision";
  return invert_or_throw(backend, out, step, what);
}

}  // namespace tramontana

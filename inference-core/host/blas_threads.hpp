// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tramontana::host {

/** Threads that large operations may use. */
void set_max_threads(int num_threads);

/**
 * Sets the threads of the next BLAS call by its size.
 *
 * The threads of one BLAS call wait for each other by spinning. That is cheap on idle cores and ruinous on busy ones,
 * where every wait can cost a time slice: fits of small models were measured 100 times slower on a machine with a load
 * of 15. Calls too short to gain from a second thread therefore stay on one.
 */
void use_threads_for(double flops);

}  // namespace tramontana::host

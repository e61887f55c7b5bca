// SPDX-License-Identifier: Apache-2.0
#pragma once

/**
 * Marks a function whose plain loops are compiled several times, for the vector units of several generations of
 * processors; the loader takes the best one that the machine has. One build then serves every machine.
 *
 * Sanitizers instrument the choice itself, which runs before they are ready, and are left with the plain loops.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define TRAMONTANA_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TRAMONTANA_VECTORISED
#endif

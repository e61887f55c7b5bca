// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tramontana {

/** Whether a matrix takes part in a product as it is, or transposed. */
enum class Transpose { no, yes };

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "napi/world.hpp"

namespace tramontana::addon {

World join_world() { return {Communicator(), "none"}; }

void leave_world() {}

}  // namespace tramontana::addon

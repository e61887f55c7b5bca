// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <vector>

namespace tramontana {

/** An error as a message to other ranks: tag, sentence and facts. Never empty. */
[[nodiscard]] std::vector<std::byte> error_message(const std::exception_ptr& error);

/** Throws the error that a message tells, as an exception of the same class. */
[[noreturn]] void throw_error(const std::vector<std::byte>& message);

}  // namespace tramontana

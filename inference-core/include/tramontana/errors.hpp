// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tramontana {

/** One fact of an error: a number, a text or a vector of numbers. */
using Fact = std::variant<double, std::int64_t, std::string, std::vector<double>>;
using Facts = std::vector<std::pair<std::string, Fact>>;

/**
 * The base of every exception of the engine: a tag to branch on, facts to act on, a sentence to read.
 * The engine never prints, exits or aborts.
 */
class Error : public std::runtime_error {
 public:
  Error(std::string tag, const std::string& message, Facts facts = {})
      : std::runtime_error(message), tag_(std::move(tag)), facts_(std::move(facts)) {}

  [[nodiscard]] const std::string& tag() const noexcept { return tag_; }
  [[nodiscard]] const Facts& facts() const noexcept { return facts_; }

 private:
  std::string tag_;
  Facts facts_;
};

/** The model, theta or an option cannot be used as given; the message names the thing, the expectation and the value.
 */
class InvalidModel : public Error {
 public:
  explicit InvalidModel(const std::string& message, Facts facts = {})
      : Error("InvalidModel", message, std::move(facts)) {}
};

/** A diagonal block of the recursion, or the block of fixed effects, is not numerically positive definite. */
class NotPositiveDefinite : public Error {
 public:
  NotPositiveDefinite(const std::string& message, Facts facts)
      : Error("NotPositiveDefinite", message, std::move(facts)) {}
};

/** The mode of the latent variables given theta was not found. */
class InnerModeNotFound : public Error {
 public:
  InnerModeNotFound(const std::string& message, Facts facts) : Error("InnerModeNotFound", message, std::move(facts)) {}
};

/** What was asked for is known, but this build does not have it. */
class NotCompiled : public Error {
 public:
  NotCompiled(const std::string& message, Facts facts) : Error("NotCompiled", message, std::move(facts)) {}
};

/** The caller asked to stop; the last reported state is complete. */
class Interrupted : public Error {
 public:
  Interrupted() : Error("Interrupted", "The computation was interrupted by its caller.") {}
};

}  // namespace tramontana

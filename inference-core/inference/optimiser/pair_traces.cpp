// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/pair_traces.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "solver/covariance_rows.hpp"

namespace tramontana {
namespace {

/**
 * Share of the information that the pairs of all steps may lack. The rule looks at one step alone, which may lack its
 * part of it, so that ranks leave out the same.
 */
constexpr double negligible_share = 1e-7;
/** Pairs of a step that are not left out in the forecasts of a few weeks: for shares of equal work alone. */
constexpr std::size_t usual_pairs = 7;

/** Largest squared correlation of a mode between neighbouring steps in the prior, its other steps integrated out. */
double largest_squared_correlation(const FieldPrior& field, std::size_t num_steps, std::size_t mode) {
  // Pivots from the front and from the back: those of a pair of neighbours are its marginal precision.
  std::vector<double> back(num_steps);
  for (std::size_t step = num_steps; step-- > 0;) {
    const double next = step + 1 < num_steps ? field.off_diagonal(step, mode) : 0.0;
    back[step] = field.diagonal(step, mode) - (next == 0.0 ? 0.0 : next * next / back[step + 1]);
  }
  double largest = 0.0;
  double front = field.diagonal(0, mode);
  for (std::size_t step = 0; step + 1 < num_steps; ++step) {
    const double between = field.off_diagonal(step, mode);
    largest = std::max(largest, between * between / (front * back[step + 1]));
    front = field.diagonal(step + 1, mode) - between * between / front;
  }
  return largest;
}

/** Of all modes; 1 where rounding leaves none. */
double largest_squared_correlation(const PriorAtTheta& prior) {
  double largest = 0.0;
  for (const auto& field : prior.fields()) {
    for (std::size_t mode = 0; mode < field.num_modes(); ++mode) {
      const double own = largest_squared_correlation(field, prior.prepared().num_steps(), mode);
      largest = std::max(largest, own >= 0.0 && own < 1.0 ? own : 1.0);
    }
  }
  return largest;
}

/** The steps s whose pairs (t, s), t <= s, a rank sums over: about as many pairs for each. */
StepRange steps_of(int rank, int num_ranks, std::size_t num_steps) {
  const auto pairs_of = [](std::size_t step) { return static_cast<double>(std::min(step + 1, usual_pairs)); };
  double pairs = 0.0;
  for (std::size_t step = 0; step < num_steps; ++step) pairs += pairs_of(step);
  const auto bound = [&](int index) {
    double counted = 0.0;
    std::size_t step = 0;
    while (step < num_steps && counted + 0.5 * pairs_of(step) < pairs * index / num_ranks) counted += pairs_of(step++);
    return index == num_ranks ? num_steps : step;
  };
  return {bound(rank), bound(rank + 1)};
}

class PairSums {
 public:
  PairSums(const ModeGenerators& generators, const PriorAtTheta& prior, StepRange steps,
           std::span<const double> information, const CancellationToken* cancellation)
      : generators_(generators),
        prior_(prior),
        steps_(steps),
        cancellation_(cancellation),
        sums_(empty_sums()),
        is_over_(steps.last, false) {
    for (std::size_t term = 0; term < generators.terms().size(); ++term) {
      information_.push_back(information[generators.theta_index(term)]);
    }
    const double square = largest_squared_correlation(prior);
    series_ = square < 1.0 ? square / (1.0 - square) : std::numeric_limits<double>::infinity();
    largest_rest_ = negligible_share / static_cast<double>(prior.prepared().num_steps());
  }

  /** @return the end of the columns that pairs with the steps before still ask for: one beside the last pair's own */
  std::size_t visit(const CovarianceRows& rows) {
    add_moments(*rows.here);
    add_traces(rows);
    while (steps_.last > steps_.first && is_over_[steps_.last - 1]) --steps_.last;
    return steps_.last + 1;
  }
  [[nodiscard]] PairTraces take() { return std::move(sums_); }

 private:
  [[nodiscard]] const Backend& backend() const { return prior_.prepared().backend(); }

  [[nodiscard]] PairTraces empty_sums() const {
    const auto& prepared = prior_.prepared();
    const std::size_t count = generators_.terms().size();
    const FieldMoments moments(prepared.num_processes() * prepared.num_processes(),
                               std::vector<double>(prior_.fields().front().terms().size() * prepared.num_nodes(), 0.0));
    return {DenseMatrix::zero(count, count), std::vector<FieldMoments>(1 + generators_.groups().size(), moments)};
  }

  [[nodiscard]] bool is_in(std::size_t set, std::size_t step) const {
    return set == 0 || generators_.groups()[set - 1].steps[step];
  }

  void add_moments(const CovarianceRow& row) {
    const std::size_t n = prior_.prepared().num_nodes();
    const std::size_t num_processes = prior_.prepared().num_processes();
    const auto& times = prior_.fields().front().terms();
    const bool has_next = row.step + 1 < row.blocks.size();
    for (std::size_t k = 0; k < num_processes; ++k) {
      for (std::size_t l = 0; l < num_processes; ++l) {
        const auto own = backend().blocks().diagonal(row.at(row.step).block(k * n, l * n, n, n));
        std::vector<double> next;
        if (has_next) next = backend().blocks().diagonal(row.at(row.step + 1).block(k * n, l * n, n, n));
        for (std::size_t set = 0; set < sums_.moments.size(); ++set) {
          const bool has_here = is_in(set, row.step);
          const bool has_after = has_next && is_in(set, row.step + 1);
          for (std::size_t r = 0; r < times.size(); ++r) {
            double* to = sums_.moments[set][k * num_processes + l].data() + r * n;
            double* mirrored = sums_.moments[set][l * num_processes + k].data() + r * n;
            for (std::size_t i = 0; i < n; ++i) {
              if (has_here) to[i] += times[r].diagonal[row.step] * own[i];
              if (has_here && has_next) to[i] += times[r].off_diagonal[row.step] * next[i];
              if (has_after) mirrored[i] += times[r].off_diagonal[row.step] * next[i];
            }
          }
        }
      }
    }
  }

  void add_traces(const CovarianceRows& rows) {
    const std::size_t step = rows.here->step;
    std::vector<std::size_t> others;
    for (std::size_t s = std::max(step, steps_.first); s < steps_.last; ++s) {
      if (!is_over_[s]) others.push_back(s);
    }
    const std::size_t count = generators_.terms().size();
    const auto n = static_cast<double>(prior_.prepared().block_size());
    const std::size_t num_modes = prior_.prepared().num_nodes();
    for (std::size_t i = 0; i < others.size(); ++i) {
      const PairBlocks pair(*this, rows, others[i]);
      // Two halves of the modes: as long as each other, whatever the number of pairs.
      std::array<DenseMatrix, 2> halves{DenseMatrix::zero(count, count), DenseMatrix::zero(count, count)};
      run_in_pairs(backend(), 2, static_cast<double>(5 * count) * n * n, cancellation_, [&](std::size_t half) {
        const ModeRange modes{half * num_modes / 2, (half + 1) * num_modes / 2};
        backend().blocks().add_traces(generators_.terms(), pair.left, pair.right, modes, halves[half].view());
      });
      auto& own = halves[0];
      for (std::size_t k = 0; k < count * count; ++k) own.data()[k] += halves[1].data()[k];
      is_over_[others[i]] = others[i] > step && is_last(own);
      for (std::size_t b = 0; b < count; ++b) {
        for (std::size_t a = 0; a < count; ++a) {
          // The pair the other way round has the terms the other way round.
          sums_.traces(a, b) += others[i] == step ? own(a, b) : own(a, b) + own(b, a);
        }
      }
    }
  }

  /**
   * Whether the pairs of a step with others end with this one. The rest is at most a geometric series: correlations
   * fall as in the prior or faster, and traces with their square.
   */
  [[nodiscard]] bool is_last(const DenseMatrix& own) const {
    const std::size_t count = generators_.terms().size();
    double share = 0.0;
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        share = std::max(share, std::abs(own(a, b)) / std::sqrt(information_[a] * information_[b]));
      }
    }
    return share * series_ < largest_rest_;
  }

  /** The blocks beside a pair of steps, with the scales of the terms. */
  struct PairBlocks {
    std::optional<Block> back;
    std::optional<Block> down;
    std::vector<ScaledBlock> left;
    std::vector<ScaledBlock> right;

    PairBlocks(const PairSums& sums, const CovarianceRows& rows, std::size_t other) {
      const std::size_t step = rows.here->step;
      const auto add = [&](std::vector<ScaledBlock>& side, ConstBlockView block, std::size_t from, std::size_t to) {
        side.push_back({block, sums.generators_.scales(from, to)});
      };
      // Sigma_{t,t-1} and Sigma_{t+1,t} are the transposes of what the rows hold.
      if (other == step && step > 0) back = sums.transposed(rows.before->at(step));
      if (other == step && rows.after != nullptr) down = sums.transposed(rows.here->at(step + 1));
      if (other > step) add(left, rows.here->at(other - 1), other - 1, other);
      if (back) add(left, std::as_const(*back).view(), other - 1, other);
      add(left, rows.here->at(other), other, other);
      if (other + 1 < rows.here->blocks.size()) add(left, rows.here->at(other + 1), other + 1, other);
      if (rows.before != nullptr) add(right, rows.before->at(other), step - 1, step);
      add(right, rows.here->at(other), step, step);
      if (rows.after != nullptr) {
        add(right, down ? std::as_const(*down).view() : rows.after->at(other), step + 1, step);
      }
    }
  };

  [[nodiscard]] Block transposed(ConstBlockView from) const {
    auto block = backend().blocks().allocate(from.columns(), from.rows());
    backend().blocks().copy_transposed(from, block.view());
    return block;
  }

  const ModeGenerators& generators_;
  const PriorAtTheta& prior_;
  StepRange steps_;
  const CancellationToken* cancellation_;
  PairTraces sums_;
  std::vector<double> information_;  ///< of the parameter of each term
  double series_;                    ///< of the squares of correlations, without the first
  double largest_rest_;              ///< of a step, relative to the information
  std::vector<bool> is_over_;
};

}  // namespace

std::size_t counted_lags(const PriorAtTheta& prior) {
  const std::size_t num_steps = prior.prepared().num_steps();
  const double square = largest_squared_correlation(prior);
  if (!(square < 1.0)) return num_steps;
  const double share = negligible_share / static_cast<double>(num_steps);
  const double lags = square > 0.0 ? std::log(share) / std::log(square) : 0.0;
  return static_cast<std::size_t>(std::min(static_cast<double>(num_steps), std::ceil(lags) + 1.0));
}

PairTraces sum_over_pairs(const ModeGenerators& generators, const PriorAtTheta& prior, const BlockSequence& precision,
                          const ForwardFilter& filter, std::span<const double> information, const Communicator& ranks,
                          const CancellationToken* cancellation) {
  const auto& backend = prior.prepared().backend();
  const std::size_t num_steps = precision.num_blocks();
  const auto steps = steps_of(ranks.rank(), ranks.size(), num_steps);
  PairSums sums(generators, prior, steps, information, cancellation);
  ranks.agree([&] {
    // Each pair asks for the steps beside its own.
    const StepRange columns = steps.first == steps.last ? steps
                                                        : StepRange{steps.first - std::min<std::size_t>(steps.first, 1),
                                                                    std::min(steps.last + 1, num_steps)};
    for_each_covariance_row(precision, filter, backend, columns, cancellation,
                            [&](const CovarianceRows& rows) { return sums.visit(rows); });
  });
  auto result = sums.take();
  ranks.sum({result.traces.data(), result.traces.rows() * result.traces.columns()});
  return result;
}

}  // namespace tramontana

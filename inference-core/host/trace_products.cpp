// SPDX-License-Identifier: Apache-2.0
#include "host/trace_products.hpp"

#include <algorithm>
#include <vector>

#include "block_access/process_memory.hpp"
#include "host/quad.hpp"
#include "host/vectorised.hpp"

namespace tramontana::host {
namespace {

/** Rows at a time: their sums stay in registers, and what is made of them for some twenty terms in the cache. */
constexpr std::size_t piece = 32;
constexpr std::size_t quads = piece / quad;
constexpr std::size_t kept = 2 * quad;  ///< sums of an inner product: one quad would wait for itself

/** A column and its share in a sum: a scale of each row, or one weight. */
struct Share {
  const double* column;
  const double* scale;
  double weight;
};

/** The terms in an order in which those of equal target are neighbours. */
struct Terms {
  std::size_t num_processes;
  std::vector<std::size_t> order;
  std::vector<std::vector<double>> targets;  ///< the distinct ones
  std::vector<std::size_t> target_of;        ///< by place in the order
  std::vector<std::size_t> first_of;         ///< place of the first term of each target, and the end

  explicit Terms(std::span<const TraceTerm> terms) : num_processes(terms.front().source.size()) {
    for (const auto& term : terms) {
      if (std::find(targets.begin(), targets.end(), term.target) != targets.end()) continue;
      first_of.push_back(order.size());
      for (std::size_t b = 0; b < terms.size(); ++b) {
        if (terms[b].target != term.target) continue;
        order.push_back(b);
        target_of.push_back(targets.size());
      }
      targets.push_back(term.target);
    }
    first_of.push_back(order.size());
  }
};

/** Blocks, and the sums of each term over a piece of their rows: by process, and of those by each distinct target. */
class Side {
 public:
  Side(const Terms& terms, std::span<const TraceTerm> all, std::span<const ScaledBlock> blocks)
      : terms_(terms),
        all_(all),
        blocks_(blocks),
        num_modes_(blocks.front().block.rows() / terms.num_processes),
        shares_(terms.order.size() * terms.num_processes),
        by_process_(shares_.size() * piece),
        by_target_(terms.order.size() * terms.targets.size() * piece),
        addresses_(terms.order.size() * terms.targets.size()) {
    for (std::size_t place = 0; place < terms.order.size(); ++place) {
      for (std::size_t t = 0; t < terms.targets.size(); ++t) {
        const auto& target = terms.targets[t];
        const auto zeros = static_cast<std::size_t>(std::count(target.begin(), target.end(), 0.0));
        const auto one = std::find(target.begin(), target.end(), 1.0);
        // Where the target is one process nothing is to be summed.
        const bool is_process = zeros + 1 == terms.num_processes && one != target.end();
        const std::size_t number = place * terms.targets.size() + t;
        addresses_[number] = is_process ? of_process(place, static_cast<std::size_t>(one - target.begin()))
                                        : by_target_.data() + number * piece;
      }
    }
  }

  [[nodiscard]] std::size_t num_modes() const { return num_modes_; }
  [[nodiscard]] const double* sums(std::size_t place, std::size_t target) const {
    return addresses_[place * terms_.targets.size() + target];
  }

  /** To the left: columns of a mode, scaled by it. */
  void share_columns(std::size_t mode) {
    for (std::size_t place = 0; place < terms_.order.size(); ++place) {
      for (std::size_t k = 0; k < terms_.num_processes; ++k) {
        auto& shares = shares_[place * terms_.num_processes + k];
        shares.clear();
        for (const auto& [block, scale] : blocks_) {
          const double of_mode = scale[terms_.order[place] * num_modes_ + mode];
          for (std::size_t l = 0; l < terms_.num_processes; ++l) {
            const double weight = of_mode * source(place, l);
            if (weight == 0.0) continue;
            shares.push_back({opened(block).column(l * num_modes_ + mode) + k * num_modes_, nullptr, weight});
          }
        }
      }
    }
  }

  /** To the right, once: the scales of rows times the sources of their terms. */
  void weigh_rows() {
    const std::size_t count = terms_.order.size();
    scales_.resize(blocks_.size() * count * terms_.num_processes * num_modes_);
    for (std::size_t number = 0; number < scales_.size(); ++number) {
      const std::size_t mode = number % num_modes_;
      const std::size_t l = number / num_modes_ % terms_.num_processes;
      const std::size_t place = number / num_modes_ / terms_.num_processes % count;
      const std::size_t block = number / num_modes_ / terms_.num_processes / count;
      scales_[number] = blocks_[block].scale[terms_.order[place] * num_modes_ + mode] * source(place, l);
    }
  }

  /** To the right: rows of processes in the columns of a mode, scaled by their own modes. */
  void share_rows(std::size_t mode) {
    for (std::size_t place = 0; place < terms_.order.size(); ++place) {
      for (std::size_t k = 0; k < terms_.num_processes; ++k) {
        auto& shares = shares_[place * terms_.num_processes + k];
        shares.clear();
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
          for (std::size_t l = 0; l < terms_.num_processes; ++l) {
            if (source(place, l) == 0.0) continue;
            const std::size_t number = (b * terms_.order.size() + place) * terms_.num_processes + l;
            shares.push_back({opened(blocks_[b].block).column(k * num_modes_ + mode) + l * num_modes_,
                              scales_.data() + number * num_modes_, 0.0});
          }
        }
      }
    }
  }

  /** Makes the sums of the rows from `row` on, as many as there are of a piece; what is beyond them is zero. */
  inline __attribute__((always_inline)) void add_up(std::size_t row, bool is_scaled) {
    const std::size_t count = std::min(piece, num_modes_ - row);
    for (std::size_t place = 0; place < terms_.order.size(); ++place) {
      for (std::size_t k = 0; k < terms_.num_processes; ++k) {
        const auto& shares = shares_[place * terms_.num_processes + k];
        double* out = of_process(place, k);
        if (count < piece) {
          add_up_rows(shares, row, count, out);
        } else if (is_scaled) {
          add_up_scaled(shares, row, out);
        } else {
          add_up_plain(shares, row, out);
        }
      }
      for (std::size_t t = 0; t < terms_.targets.size(); ++t) combine(place, t);
    }
  }

 private:
  [[nodiscard]] double source(std::size_t place, std::size_t l) const { return all_[terms_.order[place]].source[l]; }
  [[nodiscard]] double* of_process(std::size_t place, std::size_t k) {
    return by_process_.data() + (place * terms_.num_processes + k) * piece;
  }

  static inline __attribute__((always_inline)) void add_up_plain(const std::vector<Share>& shares, std::size_t row,
                                                                 double* out) {
    Quad sum[quads] = {};
    for (const auto& share : shares) {
      const double* column = share.column + row;
      for (std::size_t l = 0; l < quads; ++l) sum[l] += load(column + l * quad) * share.weight;
    }
    for (std::size_t l = 0; l < quads; ++l) store(sum[l], out + l * quad);
  }
  static inline __attribute__((always_inline)) void add_up_scaled(const std::vector<Share>& shares, std::size_t row,
                                                                  double* out) {
    Quad sum[quads] = {};
    for (const auto& share : shares) {
      const double* column = share.column + row;
      const double* scale = share.scale + row;
      for (std::size_t l = 0; l < quads; ++l) sum[l] += load(column + l * quad) * load(scale + l * quad);
    }
    for (std::size_t l = 0; l < quads; ++l) store(sum[l], out + l * quad);
  }
  static void add_up_rows(const std::vector<Share>& shares, std::size_t row, std::size_t count, double* out) {
    std::fill_n(out, piece, 0.0);
    for (const auto& share : shares) {
      for (std::size_t i = 0; i < count; ++i) {
        out[i] += (share.scale == nullptr ? share.weight : share.scale[row + i]) * share.column[row + i];
      }
    }
  }
  inline __attribute__((always_inline)) void combine(std::size_t place, std::size_t t) {
    double* out = by_target_.data() + (place * terms_.targets.size() + t) * piece;
    if (sums(place, t) != out) return;
    Quad sum[quads] = {};
    for (std::size_t k = 0; k < terms_.num_processes; ++k) {
      const double weight = terms_.targets[t][k];
      if (weight == 0.0) continue;
      const double* from = of_process(place, k);
      for (std::size_t l = 0; l < quads; ++l) sum[l] += load(from + l * quad) * weight;
    }
    for (std::size_t l = 0; l < quads; ++l) store(sum[l], out + l * quad);
  }

  const Terms& terms_;
  std::span<const TraceTerm> all_;
  std::span<const ScaledBlock> blocks_;
  std::size_t num_modes_;
  std::vector<std::vector<Share>> shares_;
  std::vector<double> scales_;  ///< [block][place][process][mode], to the right
  std::vector<double> by_process_;
  std::vector<double> by_target_;
  std::vector<double*> addresses_;
};

/** sums(a + i, b + j) += inner products of a piece, i < height and j < width. */
template <std::size_t height, std::size_t width>
inline __attribute__((always_inline)) void add_products(const Side& left, const Side& right, std::size_t a,
                                                        std::size_t b, const Terms& terms, double* sums) {
  const std::size_t count = terms.order.size();
  Quad even[height][width];
  Quad odd[height][width];
  const double* x[height];
  const double* y[width];
  for (std::size_t i = 0; i < height; ++i) x[i] = left.sums(a + i, terms.target_of[b]);
  for (std::size_t j = 0; j < width; ++j) y[j] = right.sums(b + j, terms.target_of[a]);
  for (std::size_t i = 0; i < height; ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      const double* sum = sums + ((a + i) * count + b + j) * kept;
      even[i][j] = load(sum);
      odd[i][j] = load(sum + quad);
    }
  }
  for (std::size_t l = 0; l < quads; l += 2) {
    for (std::size_t i = 0; i < height; ++i) {
      const Quad first = load(x[i] + l * quad);
      const Quad second = load(x[i] + (l + 1) * quad);
      for (std::size_t j = 0; j < width; ++j) {
        even[i][j] += first * load(y[j] + l * quad);
        odd[i][j] += second * load(y[j] + (l + 1) * quad);
      }
    }
  }
  for (std::size_t i = 0; i < height; ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      double* sum = sums + ((a + i) * count + b + j) * kept;
      store(even[i][j], sum);
      store(odd[i][j], sum + quad);
    }
  }
}

/** All pieces of the columns of one mode. */
TRAMONTANA_VECTORISED void add_mode(const Terms& terms, Side& left, Side& right, double* sums) {
  for (std::size_t row = 0; row < left.num_modes(); row += piece) {
    left.add_up(row, false);
    right.add_up(row, true);
    for (std::size_t s = 0; s < terms.targets.size(); ++s) {
      for (std::size_t t = 0; t < terms.targets.size(); ++t) {
        const std::size_t end = terms.first_of[t + 1];
        std::size_t a = terms.first_of[s];
        for (; a + 1 < terms.first_of[s + 1]; a += 2) {
          std::size_t b = terms.first_of[t];
          for (; b + 1 < end; b += 2) add_products<2, 2>(left, right, a, b, terms, sums);
          if (b < end) add_products<2, 1>(left, right, a, b, terms, sums);
        }
        if (a == terms.first_of[s + 1]) continue;
        std::size_t b = terms.first_of[t];
        for (; b + 1 < end; b += 2) add_products<1, 2>(left, right, a, b, terms, sums);
        if (b < end) add_products<1, 1>(left, right, a, b, terms, sums);
      }
    }
  }
}

}  // namespace

void add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left, std::span<const ScaledBlock> right,
                ModeRange modes, MatrixView traces) {
  if (terms.empty() || left.empty() || right.empty()) return;
  const Terms ordered(terms);
  Side columns(ordered, terms, left);
  Side rows(ordered, terms, right);
  rows.weigh_rows();
  const std::size_t count = terms.size();
  std::vector<double> sums(count * count * kept, 0.0);
  for (std::size_t mode = modes.first; mode < modes.last; ++mode) {
    columns.share_columns(mode);
    rows.share_rows(mode);
    add_mode(ordered, columns, rows, sums.data());
  }
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = 0; b < count; ++b) {
      double total = 0.0;
      for (std::size_t l = 0; l < kept; ++l) total += sums[(a * count + b) * kept + l];
      traces(ordered.order[a], ordered.order[b]) += total;
    }
  }
}

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/integration.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "inference/integration/central_composite.hpp"
#include "inference/integration/centred_lattice.hpp"
#include "inference/integration/integration_point.hpp"
#include "inference/integration/integration_strategy.hpp"
#include "inference/integration/posterior_mixture.hpp"
#include "inference/integration/theta_marginals.hpp"
#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/shared_evaluations.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {
namespace {

/** Where the stretch of an axis is measured: log p falls by one there if it is normal. */
constexpr double stretch_distance = std::numbers::sqrt2;
/** A stretch beyond these is a density that the normal approximation does not describe; it is cut. */
constexpr double smallest_stretch = 0.1;
constexpr double largest_stretch = 10.0;
/** Of the estimate for the progress. */
constexpr double most_expected_jobs = 1e6;

/** One theta to be evaluated. */
struct Job {
  std::vector<double> theta;
  bool with_moments = false;
  PointSummary found{};
};

class Integration {
 public:
  Integration(const PreparedModel& model, std::span<const double> mode, std::span<const double> covariance,
              const IntegrationOptions& options, const CancellationToken* cancellation)
      : model_(model),
        options_(options),
        point_options_(options),
        cancellation_(cancellation),
        normal_(standardised(model.backend(), mode, covariance)),
        way_(resolved_strategy(model, options, normal_.free.size())),
        shared_(model.backend(), options.evaluation,
                groups_of_ranks(model, mode, static_cast<std::size_t>(expected_jobs()), options.evaluation),
                flops_of_evaluation(model)),
        mixture_(model, options) {
    point_options_.evaluation = shared_.options();
  }

  IntegrationResult run() {
    const std::size_t d = normal_.free.size();
    const bool is_integrated = way_ != IntegrationStrategy::empirical_bayes;
    std::vector<Job> first(1);
    first[0].theta = normal_.mode;
    first[0].with_moments = true;
    if (is_integrated) add_axes(first);
    num_jobs_ = expected_jobs();
    result_.expected_evaluations = {expected_evaluations(IntegrationStrategy::lattice, d),
                                    expected_evaluations(IntegrationStrategy::central_composite, d)};
    evaluate(first);
    mode_log_posterior_ = first[0].found.log_posterior;
    mixture_.set_mode(first[0].found);
    if (is_integrated) measure_stretch(first);
    result_.strategy = way_;
    result_.log_marginal_likelihood_gaussian =
        mode_log_posterior_ + 0.5 * static_cast<double>(d) * std::log(2.0 * std::numbers::pi) + normal_.log_determinant;
    if (way_ == IntegrationStrategy::lattice) {
      sum_over_lattice(first[0].found);
    } else {
      sum_over_design(way_, first[0].found);
    }
    return finish();
  }

 private:
  [[nodiscard]] int expected_jobs() const {
    return static_cast<int>(std::min(expected_evaluations(way_, normal_.free.size()), most_expected_jobs));
  }

  void sum_over_design(IntegrationStrategy way, const PointSummary& mode) {
    const std::size_t d = normal_.free.size();
    const bool as_rinla = way == IntegrationStrategy::rinla_composite;
    const auto design = way == IntegrationStrategy::empirical_bayes
                            ? std::vector<CompositePoint>{{std::vector<double>(d, 0.0), true}}
                            : central_composite_design(d);
    const double radius = as_rinla ? 1.0 : std::max(1.0, options_.radius_factor) * std::sqrt(static_cast<double>(d));
    const auto weights = as_rinla ? CompositeWeights{1.0, 1.0} : composite_weights(d, design.size(), radius);
    add_point(normal_.mode, std::vector<double>(d, 0.0), weights.centre, mode);
    std::vector<std::vector<double>> positions;
    for (std::size_t k = 1; k < design.size(); ++k) {
      auto z = design[k].z;
      for (std::size_t i = 0; i < d; ++i) z[i] *= radius * normal_.stretch[i][z[i] > 0.0 ? 1 : 0];
      positions.push_back(std::move(z));
    }
    at_each(positions,
            [&](std::size_t k, const Job& job) { add_point(job.theta, positions[k], weights.other, job.found); });
    result_.log_marginal_likelihood = result_.log_marginal_likelihood_gaussian;
    for (const auto& stretch : normal_.stretch) {
      result_.log_marginal_likelihood += std::log(0.5 * (stretch[0] + stretch[1]));
    }
    result_.theta = theta_marginals(normal_, model_.layout().names());
  }

  void sum_over_lattice(const PointSummary& mode) {
    const std::size_t d = normal_.free.size();
    std::vector<SkewedAxis> axes;
    for (const auto& [below, above] : normal_.stretch) axes.push_back({below, above});
    const double most = options_.most_evaluations.value_or(std::numeric_limits<double>::infinity());
    CentredLattice lattice(d, most - static_cast<double>(evaluations_));
    std::vector<LatticeWeight> weights;
    const auto slope = [&](const std::vector<double>& u) {
      double product = 1.0;
      for (std::size_t i = 0; i < d; ++i) product *= axes[i].slope(u[i]);
      return product;
    };
    const double slope_at_mode = slope(std::vector<double>(d, 0.0));
    const auto add = [&](const CentredLattice::Key& key, const std::vector<double>& z, const std::vector<double>& theta,
                         const PointSummary& found) {
      const auto u = lattice.at(key);
      const double volume = slope(u);
      add_point(theta, z, volume, found);
      weights.push_back({u, theta, result_.points.back().weight});
      lattice.found(key, mode_log_posterior_ + std::log(slope_at_mode) - found.log_posterior - std::log(volume));
    };
    // The mode is the lattice's centre, and known.
    add(lattice.next_generation().front(), std::vector<double>(d, 0.0), normal_.mode, mode);
    for (auto keys = lattice.next_generation(); !keys.empty(); keys = lattice.next_generation()) {
      std::vector<std::vector<double>> positions;
      for (const auto& key : keys) {
        auto z = lattice.at(key);
        for (std::size_t i = 0; i < d; ++i) z[i] = axes[i].value(z[i]);
        positions.push_back(std::move(z));
      }
      num_jobs_ = std::max(num_jobs_, evaluations_ + static_cast<int>(keys.size()));
      at_each(positions, [&](std::size_t k, const Job& job) { add(keys[k], positions[k], job.theta, job.found); });
    }
    result_.log_marginal_likelihood =
        mode_log_posterior_ + std::log(mixture_.total_weight() * lattice.cell_volume()) + normal_.log_determinant;
    result_.theta = lattice_marginals(normal_, weights, model_.layout().names());
  }

  /** Evaluates theta at all positions z and hands each over; only a few are kept at a time. */
  void at_each(const std::vector<std::vector<double>>& positions,
               const std::function<void(std::size_t, const Job&)>& take) {
    for (std::size_t start = 0; start < positions.size(); start += shared_.num_at_once()) {
      std::vector<Job> jobs;
      for (std::size_t k = start; k < std::min(start + shared_.num_at_once(), positions.size()); ++k) {
        jobs.push_back({.theta = normal_.at(positions[k]), .with_moments = true});
      }
      evaluate(jobs);
      for (std::size_t k = 0; k < jobs.size(); ++k) take(start + k, jobs[k]);
    }
  }

  void add_axes(std::vector<Job>& jobs) const {
    for (std::size_t i = 0; i < normal_.free.size(); ++i) {
      for (const double direction : {-1.0, 1.0}) {
        std::vector<double> z(normal_.free.size(), 0.0);
        z[i] = direction * stretch_distance;
        jobs.push_back({.theta = normal_.at(z)});
      }
    }
  }

  /** log p = log p(mode) - 1/2 (z / s)^2 along each half axis, solved for s; 1 where log p does not fall. */
  void measure_stretch(const std::vector<Job>& jobs) {
    for (std::size_t i = 0; i < normal_.free.size(); ++i) {
      for (std::size_t side = 0; side < 2; ++side) {
        const double fall = mode_log_posterior_ - jobs[1 + 2 * i + side].found.log_posterior;
        const bool is_usable = fall > 0.0 && std::isfinite(fall);
        const double stretch = is_usable ? stretch_distance / std::sqrt(2.0 * fall) : 1.0;
        normal_.stretch[i][side] = std::clamp(stretch, smallest_stretch, largest_stretch);
      }
    }
  }

  void evaluate(std::vector<Job>& jobs) {
    for (std::size_t start = 0; start < jobs.size(); start += shared_.num_at_once()) {
      const std::size_t count = std::min(shared_.num_at_once(), jobs.size() - start);
      const auto found = shared_.run(count, [&](std::size_t k) {
        const auto& job = jobs[start + k];
        try {
          return message_of(summarise_at(model_, job.theta, job.with_moments, point_options_, cancellation_));
        } catch (const NotPositiveDefinite&) {
          // The mode must work; any other point that cannot be factorised has no weight.
          if (evaluations_ == 0 && k == 0) throw;
        } catch (const InnerModeNotFound&) {
          if (evaluations_ == 0 && k == 0) throw;
        }
        return message_of(PointSummary{});
      });
      for (std::size_t k = 0; k < count; ++k) jobs[start + k].found = summary_of(found[k]);
      evaluations_ += static_cast<int>(count);
      if (options_.on_progress) options_.on_progress(evaluations_, num_jobs_);
    }
  }

  void add_point(const std::vector<double>& theta, const std::vector<double>& z, double design_weight,
                 const PointSummary& found) {
    IntegrationPoint point{theta, z, found.log_posterior, 0.0};
    if (std::isfinite(found.log_posterior)) {
      point.weight = design_weight * std::exp(found.log_posterior - mode_log_posterior_);
    } else {
      ++result_.failed_points;
    }
    result_.points.push_back(point);
    if (point.weight > 0.0) mixture_.add(point.weight, found);
  }

  IntegrationResult finish() {
    for (auto& point : result_.points) point.weight /= mixture_.total_weight();
    result_.axis_stretch = normal_.stretch;
    mixture_.finish(result_);
    result_.evaluations = evaluations_;
    return std::move(result_);
  }

  const PreparedModel& model_;
  const IntegrationOptions& options_;
  IntegrationOptions point_options_;  ///< for the ranks of one point
  const CancellationToken* cancellation_;
  StretchedNormal normal_;
  IntegrationStrategy way_;
  SharedEvaluations shared_;
  PosteriorMixture mixture_;
  double mode_log_posterior_ = 0.0;
  int evaluations_ = 0;
  int num_jobs_ = 0;
  IntegrationResult result_;
};

/** A covariance of zeros is what a fit that failed leaves behind: integrated over, it would make theta known. */
void check_varies(const PreparedModel& model, std::span<const double> covariance, const IntegrationOptions& options) {
  if (options.strategy == IntegrationStrategy::empirical_bayes) return;
  if (std::any_of(covariance.begin(), covariance.end(), [](double entry) { return entry != 0.0; })) return;
  for (std::size_t i = 0; i < model.model().priors.size(); ++i) {
    if (model.model().priors[i].kind == ThetaPrior::Kind::fixed) continue;
    throw InvalidModel("thetaCovariance must have a positive variance, found zeros alone, while " +
                           model.layout().names()[i] +
                           " is not fixed: take that of a fit that converged, or the strategy empirical-bayes.",
                       {{"field", std::string("thetaCovariance")}, {"name", model.layout().names()[i]}});
  }
}

}  // namespace

void IntegrationOptions::validate() const {
  if (!(radius_factor >= 1.0) || !std::isfinite(radius_factor)) {
    throw InvalidModel("radiusFactor must be at least 1, found " + std::to_string(radius_factor) + ".",
                       {{"field", std::string("radiusFactor")}});
  }
  if (most_evaluations && !(*most_evaluations >= 0.0)) {
    throw InvalidModel("mostEvaluations must not be negative, found " + std::to_string(*most_evaluations) + ".",
                       {{"field", std::string("mostEvaluations")}});
  }
  if (strategy == IntegrationStrategy::cubature) {
    throw InvalidModel(
        "strategy must be automatic, lattice, central-composite, empirical-bayes or rinla-composite on a "
        "mesh, found cubature, which serves complete grids.",
        {{"field", std::string("strategy")}});
  }
  if (rinla_criteria && !criteria) {
    throw InvalidModel("rinlaCriteria must be false without criteria, found true.",
                       {{"field", std::string("rinlaCriteria")}});
  }
}

IntegrationResult integrate(const PreparedModel& model, std::span<const double> mode,
                            std::span<const double> theta_covariance, const IntegrationOptions& options,
                            const CancellationToken* cancellation) {
  const auto start = std::chrono::steady_clock::now();
  const KeepBlocks keep_blocks;
  options.validate();
  model.check_theta(mode);
  check_designs(model, options.predictions);
  check_varies(model, theta_covariance, options);
  auto result = Integration(model, mode, theta_covariance, options, cancellation).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

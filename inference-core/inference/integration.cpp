// SPDX-License-Identifier: Apache-2.0
#include "tramontana/integration.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "inference/central_composite.hpp"
#include "inference/criteria.hpp"
#include "inference/design_moments.hpp"
#include "inference/integration_point.hpp"
#include "inference/mixture.hpp"
#include "inference/rinla_criteria.hpp"
#include "inference/theta_marginals.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {
namespace {

/** Points evaluated at the same time; each holds a posterior of its own. */
constexpr std::size_t points_at_once = 2;
/** Where the stretch of an axis is measured: log p falls by one there if it is normal. */
constexpr double stretch_distance = std::numbers::sqrt2;
/** A stretch beyond these is a density that the normal approximation does not describe; it is cut. */
constexpr double smallest_stretch = 0.1;
constexpr double largest_stretch = 10.0;

/** One theta to be evaluated. */
struct Job {
  std::vector<double> theta;
  bool with_moments = false;
  PointSummary found{};
};

std::vector<double> reordered(const std::vector<double>& values, const std::vector<std::int32_t>& order) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[static_cast<std::size_t>(order[i])] = values[i];
  return result;
}

class Integration {
 public:
  Integration(const PreparedModel& model, std::span<const double> mode, std::span<const double> covariance,
              const IntegrationOptions& options, const CancellationToken* cancellation)
      : model_(model),
        options_(options),
        cancellation_(cancellation),
        normal_(standardised(model.backend(), mode, covariance)) {
    for (std::size_t g = 0; g < model_.observations().size(); ++g) {
      criteria_.emplace_back(model_.observations()[g].num_observations());
      rinla_criteria_.emplace_back(options_.rinla_criteria ? model_.observations()[g].num_observations() : 0);
    }
    observations_.resize(model_.observations().size());
    predictions_.resize(options_.predictions.size());
    fixed_effects_.resize(model_.num_fixed_effects());
  }

  IntegrationResult run() {
    const bool composite = options_.strategy != IntegrationStrategy::empirical_bayes && !normal_.free.empty();
    const bool as_rinla = options_.strategy == IntegrationStrategy::rinla_composite;
    const std::size_t d = normal_.free.size();
    const auto design =
        composite ? central_composite_design(d) : std::vector<CompositePoint>{{std::vector<double>(d, 0.0), true}};
    num_jobs_ = static_cast<int>(design.size() + (composite ? 2 * d : 0));

    std::vector<Job> first(1);
    first[0].theta = normal_.mode;
    first[0].with_moments = true;
    if (composite) add_axes(first);
    evaluate(first);
    mode_log_posterior_ = first[0].found.log_posterior;
    mode_likelihood_parameters_ = first[0].found.likelihood_parameters;
    if (composite) measure_stretch(first);

    const double radius = as_rinla ? 1.0 : std::max(1.0, options_.radius_factor) * std::sqrt(static_cast<double>(d));
    const auto weights = as_rinla ? CompositeWeights{1.0, 1.0} : composite_weights(d, design.size(), radius);
    add_point(first[0].theta, std::vector<double>(d, 0.0), weights.centre, first[0].found);
    first.clear();
    for (std::size_t start = 1; start < design.size(); start += points_at_once) {
      std::vector<Job> jobs;
      std::vector<std::vector<double>> positions;
      for (std::size_t k = start; k < std::min(start + points_at_once, design.size()); ++k) {
        auto z = design[k].z;
        for (std::size_t i = 0; i < d; ++i) z[i] *= radius * normal_.stretch[i][z[i] > 0.0 ? 1 : 0];
        jobs.push_back({.theta = normal_.at(z), .with_moments = true});
        positions.push_back(std::move(z));
      }
      evaluate(jobs);
      for (std::size_t k = 0; k < jobs.size(); ++k)
        add_point(jobs[k].theta, positions[k], weights.other, jobs[k].found);
    }
    return finish();
  }

 private:
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
    const double n = static_cast<double>(model_.block_size());
    const double flops = n * n * n * static_cast<double>(model_.num_steps());
    for (std::size_t start = 0; start < jobs.size(); start += points_at_once) {
      std::vector<std::function<void()>> tasks;
      const std::size_t end = std::min(start + points_at_once, jobs.size());
      for (std::size_t k = start; k < end; ++k) {
        // The mode must work; any other point that cannot be factorised has no weight.
        const bool is_mode = evaluations_ == 0 && k == 0;
        tasks.emplace_back([this, is_mode, &job = jobs[k]] {
          try {
            job.found = summarise_at(model_, job.theta, job.with_moments, options_, cancellation_);
          } catch (const NotPositiveDefinite&) {
            if (is_mode) throw;
          } catch (const InnerModeNotFound&) {
            if (is_mode) throw;
          }
        });
      }
      model_.backend().run_independent(tasks, flops);
      evaluations_ += static_cast<int>(tasks.size());
      if (options_.on_progress) options_.on_progress(evaluations_, num_jobs_);
    }
  }

  void add_point(const std::vector<double>& theta, const std::vector<double>& z, double design_weight,
                 const PointSummary& found) {
    IntegrationPoint point{theta, z, found.log_posterior, 0.0};
    if (std::isfinite(found.log_posterior)) {
      point.weight = design_weight * std::exp(found.log_posterior - mode_log_posterior_);
    } else {
      ++failed_points_;
    }
    points_.push_back(point);
    const double weight = point.weight;
    if (!(weight > 0.0)) return;
    total_weight_ += weight;
    if (options_.latent) latent_.add(weight, found.latent_mean, found.latent_variance);
    for (std::size_t i = 0; i < fixed_effects_.size(); ++i) {
      fixed_effects_[i].push_back({weight, found.fixed_mean[i], std::sqrt(found.fixed_variance[i])});
    }
    for (std::size_t i = 0; i < predictions_.size(); ++i) {
      predictions_[i].add(weight, found.predictions[i].mean, found.predictions[i].variance);
    }
    if (!options_.criteria) return;
    for (std::size_t g = 0; g < observations_.size(); ++g) {
      const auto& moments = found.observations[g];
      observations_[g].add(weight, moments.mean, moments.variance);
      for (std::size_t i = 0; i < moments.mean.size(); ++i) {
        criteria_[g].add(i, weight, terms(found, g, i));
        if (!options_.rinla_criteria) continue;
        const auto log_density = [&](double eta) { return log_density_at(found.likelihood_parameters[g], g, i, eta); };
        rinla_criteria_[g].add(i, weight, rinla_terms(log_density, moments.mean[i], moments.variance[i]));
      }
    }
  }

  [[nodiscard]] PointwiseTerms terms(const PointSummary& found, std::size_t g, std::size_t i) const {
    const auto& observed = model_.observations()[g];
    const double mean = found.observations[g].mean[i];
    const double variance = found.observations[g].variance[i];
    const auto& parameters = found.likelihood_parameters[g];
    const auto& datum = observed.data()[i];
    PointwiseTerms result;
    if (observed.is_gaussian()) {
      result = gaussian_terms(datum.y, std::exp(parameters[0]) * datum.weight, mean, variance);
    } else {
      const auto at_mean = observed.likelihood().terms(datum, mean, parameters);
      result =
          quadrature_terms({[&](double eta) { return observed.likelihood().terms(datum, eta, parameters).log_density; },
                            [&](double eta) { return observed.likelihood().cumulative(datum, eta, parameters); }},
                           at_mean.score, at_mean.weight, mean, variance);
    }
    if (!observed.log_jacobians().empty()) result.change_scale(observed.log_jacobians()[i]);
    return result;
  }

  [[nodiscard]] double log_density_at(std::span<const double> parameters, std::size_t g, std::size_t i,
                                      double eta) const {
    const auto& observed = model_.observations()[g];
    const double jacobian = observed.log_jacobians().empty() ? 0.0 : observed.log_jacobians()[i];
    return jacobian + observed.likelihood().terms(observed.data()[i], eta, parameters).log_density;
  }

  IntegrationResult finish() {
    IntegrationResult result;
    for (auto& point : points_) point.weight /= total_weight_;
    result.points = std::move(points_);
    result.log_marginal_likelihood_gaussian =
        mode_log_posterior_ + 0.5 * static_cast<double>(normal_.free.size()) * std::log(2.0 * std::numbers::pi) +
        normal_.log_determinant;
    result.log_marginal_likelihood = result.log_marginal_likelihood_gaussian;
    for (const auto& stretch : normal_.stretch) {
      result.log_marginal_likelihood += std::log(0.5 * (stretch[0] + stretch[1]));
    }
    result.axis_stretch = normal_.stretch;
    result.theta = theta_marginals(normal_, model_.layout().names());
    for (const auto& components : fixed_effects_) result.fixed_effects.push_back(summarise(components));
    if (options_.latent) result.latent = latent_.finish();
    for (const auto& sum : predictions_) result.predictions.push_back(sum.finish());
    if (options_.criteria) finish_criteria(result);
    result.evaluations = evaluations_;
    result.failed_points = failed_points_;
    return result;
  }

  void finish_criteria(IntegrationResult& result) const {
    for (std::size_t g = 0; g < observations_.size(); ++g) {
      auto moments = observations_[g].finish();
      const auto log_densities_at = [&](const std::vector<double>& predictor) {
        std::vector<double> log_density;
        for (std::size_t i = 0; i < predictor.size(); ++i) {
          log_density.push_back(log_density_at(mode_likelihood_parameters_[g], g, i, predictor[i]));
        }
        return log_density;
      };
      const auto at_mean = log_densities_at(criteria_[g].expected_predictors(total_weight_));
      criteria_[g].finish(total_weight_, at_mean, result.criteria);
      if (options_.rinla_criteria) {
        if (!result.criteria.rinla) result.criteria.rinla.emplace();
        rinla_criteria_[g].finish(total_weight_, log_densities_at(moments.mean), *result.criteria.rinla);
      }
      const auto& order = model_.observations()[g].original_order();
      auto& group = result.criteria.groups.back();
      group.log_cpo = reordered(group.log_cpo, order);
      group.pit = reordered(group.pit, order);
      result.observations.push_back({reordered(moments.mean, order), reordered(moments.sd, order)});
    }
  }

  const PreparedModel& model_;
  const IntegrationOptions& options_;
  const CancellationToken* cancellation_;
  StretchedNormal normal_;
  double mode_log_posterior_ = 0.0;
  std::vector<std::vector<double>> mode_likelihood_parameters_;
  int evaluations_ = 0;
  int num_jobs_ = 0;
  int failed_points_ = 0;
  double total_weight_ = 0.0;
  std::vector<IntegrationPoint> points_;
  MixtureSum latent_;
  std::vector<std::vector<NormalComponent>> fixed_effects_;
  std::vector<MixtureSum> predictions_;
  std::vector<MixtureSum> observations_;
  std::vector<CriteriaSum> criteria_;
  std::vector<RinlaCriteriaSum> rinla_criteria_;
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

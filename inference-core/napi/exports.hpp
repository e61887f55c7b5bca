// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace tramontana::addon {

/** evaluate(model, theta, {gradient, latent, coordinates}) -> Promise */
Napi::Value evaluate(const Napi::CallbackInfo& info);
/** fit(model, options, state or null, on_iteration) -> {promise, interrupt} */
Napi::Value fit(const Napi::CallbackInfo& info);
/** multilevel_start(coarse_model, options) -> {promise, interrupt} */
Napi::Value multilevel_start(const Napi::CallbackInfo& info);
/** predict(model, theta, designs) -> Promise */
Napi::Value predict(const Napi::CallbackInfo& info);
/** integrate(model, mode, theta_covariance, options, on_progress or null) -> {promise, interrupt} */
Napi::Value integrate(const Napi::CallbackInfo& info);
/** prepare(model) -> Promise of a handle that stands for the model in every other function */
Napi::Value prepare(const Napi::CallbackInfo& info);
/** summarise_response(link, mean, variance, probabilities) -> {mean, sd, quantiles} */
Napi::Value summarise_response(const Napi::CallbackInfo& info);
/** sample_posterior(model, points, options) -> {promise, interrupt} */
Napi::Value sample_posterior(const Napi::CallbackInfo& info);
/** leave_groups_out(model, theta, folds) -> {promise, interrupt} */
Napi::Value leave_groups_out(const Napi::CallbackInfo& info);
/** kernel_rates(order) -> Promise of {multiply, inversion}, flops a second */
Napi::Value kernel_rates(const Napi::CallbackInfo& info);
/** spectral_basis(c0, g1) -> Promise */
Napi::Value spectral_basis(const Napi::CallbackInfo& info);

/** join_ranks() -> Promise of {rank, size, library}: finds the ranks that were started together */
Napi::Value join_ranks(const Napi::CallbackInfo& info);
/** set_rank_groups(groups): evaluations at a time, each on as many ranks; 0 by counting */
Napi::Value set_rank_groups(const Napi::CallbackInfo& info);
/** leave_ranks() -> Promise: after the last message */
Napi::Value leave_ranks(const Napi::CallbackInfo& info);
/** gather_texts(text) -> Promise of the texts of all ranks, in their order */
Napi::Value gather_texts(const Napi::CallbackInfo& info);

/** evaluate_grid(model, theta, {gradient}) -> Promise */
Napi::Value evaluate_grid(const Napi::CallbackInfo& info);
/** fit_grid(model, options, state or null, on_iteration) -> {promise, interrupt} */
Napi::Value fit_grid(const Napi::CallbackInfo& info);
/** integrate_grid(model, mode, theta_covariance, options, on_progress or null) -> {promise, interrupt} */
Napi::Value integrate_grid(const Napi::CallbackInfo& info);
/** map_grid(model, points, designs, on_progress or null) -> {promise, interrupt} */
Napi::Value map_grid(const Napi::CallbackInfo& info);
/** leave_grid_groups_out(model, theta, folds) -> {promise, interrupt} */
Napi::Value leave_grid_groups_out(const Napi::CallbackInfo& info);
/** summarise_grid_samples(model, points, request, on_progress or null) -> {promise, interrupt} */
Napi::Value summarise_grid_samples(const Napi::CallbackInfo& info);

}  // namespace tramontana::addon

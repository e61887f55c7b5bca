// SPDX-License-Identifier: Apache-2.0
#include "tramontana/engine.hpp"

#include "host/host_backend.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "inference/posterior/validation.hpp"

namespace tramontana {

std::string engine_version() { return TRAMONTANA_VERSION; }

void set_num_threads(int num_threads) { set_blas_threads(num_threads); }

void fix_num_threads() { fix_blas_threads(); }

SpectralBasis spectral_basis(std::span<const double> c0, const CsrMatrix& g1, const Backend& backend) {
  validate_mesh(c0, g1);
  auto basis = compute_spectral_basis(c0, g1, backend);
  validate_spectral_basis(c0, g1, basis);
  return basis;
}

std::shared_ptr<const PreparedModel> prepare_model(EngineModel model, const Backend& backend) {
  return std::make_shared<const PreparedModel>(std::move(model), backend);
}

const std::vector<std::string>& theta_names(const PreparedModel& model) { return model.layout().names(); }

}  // namespace tramontana

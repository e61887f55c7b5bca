// SPDX-License-Identifier: Apache-2.0
#include "grid/expected_spectrum.hpp"

#include "grid/folded_waves.hpp"

namespace tramontana {

ExpectedSpectrum expected_spectrum(const LatentModel& field, std::span<const double> parameters, const CosineAxis& rows,
                                   const CosineAxis& columns, std::size_t num_lags, bool with_derivatives,
                                   const Backend& backend) {
  const auto waves = fold_waves(field, parameters, rows, columns, num_lags, with_derivatives, backend);
  const std::size_t num_cells = rows.num_cells() * columns.num_cells();
  const double area = torus_area(rows, columns);
  DenseMatrix half(rows.num_cells(), columns.num_waves());
  const auto seen = [&](const std::vector<DenseMatrix>& lags) {
    std::vector<double> table(lags.size() * num_cells);
    for (std::size_t lag = 0; lag < lags.size(); ++lag) {
      backend.dense().multiply(Transpose::no, Transpose::no, 1.0 / area, rows.powers().view(), lags[lag].view(), 0.0,
                               half.view());
      const MatrixView out{table.data() + lag * num_cells, rows.num_cells(), columns.num_cells(), rows.num_cells()};
      backend.dense().multiply(Transpose::no, Transpose::yes, 1.0, half.view(), columns.powers().view(), 0.0, out);
    }
    return table;
  };
  ExpectedSpectrum spectrum;
  spectrum.value = seen(waves.value);
  for (std::size_t p = 0; p < (with_derivatives ? parameters.size() : 0); ++p) {
    spectrum.derivative[p] = seen(waves.derivative[p]);
  }
  return spectrum;
}

}  // namespace tramontana

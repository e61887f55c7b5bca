// SPDX-License-Identifier: Apache-2.0
/** The engine and its tests with address and undefined-behaviour sanitizers, in a build folder of their own. */
import { SANITIZED_BUILD_FOLDER } from '../setup/core/paths.mjs';
import { buildForCheck, configureForCheck } from './check-build.mjs';

/**
 * Tests that are left out, by a pattern of their names. They average over many simulated data sets; sanitizers slow them
 * most and see nothing new in the hundredth, for other tests run the same code on fewer.
 */
export const SLOW_UNDER_SANITIZERS = [
  {
    pattern: '^Curvature.FisherInformationIsTheMeanHessianOverDataFromTheModel$',
    sameCode: 'Curvature.SimulatedFisherInformationIsTheExpectedHessianOfTheData',
  },
  {
    pattern: '^CurvatureEstimate.IsTheHessianFarFromTheOptimum$',
    sameCode: 'the other tests of CurvatureEstimate and of Fit',
  },
  {
    pattern: '^Models/EveryPosterior[.]MeanIsThatOfImportanceSampling/',
    sameCode: 'the other tests of EveryPosterior, on all models',
  },
  {
    pattern: '^Lattice[.]IsRightWhereThePosteriorOfThetaIsFarFromNormal$',
    sameCode: 'the other tests of Lattice',
  },
  {
    pattern: '^Ranks/EveryNumber[.].*/8$',
    sameCode: 'the same laws on two, three and four ranks',
  },
];

/** One thread of linear algebra a test, for the tests run side by side. */
export const SANITIZER_ENVIRONMENT = {
  ASAN_OPTIONS: 'detect_leaks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  OPENBLAS_NUM_THREADS: '1',
};

/**
 * Configures and builds; incremental.
 *
 * @throws {SetupError} with the last lines of the compiler
 */
export async function buildSanitized() {
  const switches = { SANITIZE: 'ON', HEADERS: 'ON', TESTS: 'ON', ADDON: 'OFF', PRECOMPILE: 'ON' };
  await configureForCheck(SANITIZED_BUILD_FOLDER, switches, ['-DCMAKE_BUILD_TYPE=Debug']);
  await buildForCheck(SANITIZED_BUILD_FOLDER);
}

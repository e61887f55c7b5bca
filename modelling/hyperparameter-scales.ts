// SPDX-License-Identifier: Apache-2.0
import { POLLUTANT_LABEL, type PollutantId } from '../common/pollutants.js';
import type { ModelFrame } from './frame.js';
import { thetaLayout } from './theta-layout.js';

/** How to read one component of theta. */
export interface HyperparameterScale {
  /** Position in theta. */
  readonly index: number;
  /** Position of the pollutant; absent for what couples two. */
  readonly process?: number;
  /** Machine name, e.g. `range_km_pm2_5`. */
  readonly name: string;
  /** For people, e.g. "Spatial range, PM2.5". */
  readonly label: string;
  readonly units: string;
  /** Monotonic function from the internal scale to the natural one. */
  readonly natural: (theta: number) => number;
  /** Its derivative. */
  readonly slope: (theta: number) => number;
}

const identity = (theta: number): number => theta;
const one = (): number => 1;

/**
 * Natural scales of all hyperparameters but those that are held, which stand at the end of theta: ranges in km and days, standard deviations in ug m-3, weights as they are.
 *
 * Weights multiply standardised fields: a weight w of A in B means that B holds w sd_B for each sd_A of the field of A.
 *
 * @returns pollutant by pollutant (ranges, field, noise), then the weights
 */
export function hyperparameterScales(
  frame: Pick<ModelFrame, 'kind' | 'pollutants' | 'standardisation'>,
): HyperparameterScale[] {
  const { pollutants, standardisation } = frame;
  const layout = thetaLayout(frame.kind, pollutants);
  const scales: HyperparameterScale[] = [];
  standardisation.forEach(({ pollutant, sdUgM3: sd }, process) => {
    const label = POLLUTANT_LABEL[pollutant];
    const add = (
      name: string,
      text: string,
      units: string,
      index: number | undefined,
      natural: (theta: number) => number,
      slope: (theta: number) => number,
    ): void => {
      if (index === undefined) return;
      scales.push({
        ...{ index, process, name: `${name}_${pollutant}`, label: `${text}, ${label}`, units, natural, slope },
      });
    };
    const fieldText =
      pollutants.length === 1 || process === 0
        ? 'Standard deviation of the field'
        : 'Standard deviation of the own part of the field';
    const ofLog = (theta: number): number => sd * Math.exp(theta);
    const ofLogPrecision = (theta: number): number => sd * Math.exp(-theta / 2);
    add('range_km', 'Spatial range', 'km', layout.logRangeKm[process], Math.exp, Math.exp);
    add('range_days', 'Temporal range', 'days', layout.logRangeDays[process], Math.exp, Math.exp);
    add('sigma_ug_m3', fieldText, 'ug m-3', layout.logSigma[process], ofLog, ofLog);
    add(
      'noise_sd_ug_m3',
      'Standard deviation of the noise',
      'ug m-3',
      layout.logNoisePrecision[process],
      ofLogPrecision,
      (theta) => -0.5 * ofLogPrecision(theta),
    );
  });
  for (const { from, to, index } of layout.couplings) {
    const [source, target] = [pollutants[from], pollutants[to]] as [PollutantId, PollutantId];
    scales.push({
      index,
      name: `weight_${source}_in_${target}`,
      label: `Weight of ${POLLUTANT_LABEL[source]} in ${POLLUTANT_LABEL[target]}`,
      units: '1',
      natural: identity,
      slope: one,
    });
  }
  return scales;
}

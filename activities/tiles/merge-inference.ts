// SPDX-License-Identifier: Apache-2.0
/**
 * One account of the fits of all tiles, in the shapes of a single one: what adds up is added, what differs is told as a law over tiles.
 *
 * @module
 */
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import type { CriteriaSummary, InferenceSummary, PitHistogram } from '../../artifacts/schemas/inference-summary.js';
import { entry } from '../../common/entry.js';
import { uniformBand } from '../../modelling/index.js';
import { mergeHyperparameters } from './merge-laws.js';

function total<Of>(all: readonly Of[], of: (one: Of) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

/** "gradient below tolerance (11 tiles); iterations (1 tile)". */
function counted(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${text} (${count} ${count === 1 ? 'tile' : 'tiles'})`).join('; ');
}

/** Numbers in a reason differ from tile to tile. */
function kindOf(reason: string): string {
  return reason.replace(/-?\d[\d.e+-]*/gu, '…');
}

/**
 * The fits as one. Theta is the mean over the tiles, its covariance that of a tile drawn at random: mean of the covariances and
 * covariance of the modes. There is no common path of a search.
 */
export function mergeFits(tiles: ReadonlyMap<string, FitResult>): FitResult {
  const fits = [...tiles.values()];
  // a tile without forecasts of a pollutant has no precision of them: components are known by their names
  const thetaNames = [...new Set(fits.flatMap((fit) => fit.thetaNames))];
  const positions = (fit: FitResult): number[] => thetaNames.map((name) => fit.thetaNames.indexOf(name));
  const placed = fits.map((fit) => ({ fit, at: positions(fit) }));
  const having = (...components: readonly number[]) =>
    placed.filter(({ at }) => components.every((i) => entry(at, i) >= 0));
  const valueOf = ({ fit, at }: (typeof placed)[number], i: number): number => entry(fit.theta, entry(at, i));
  const theta = thetaNames.map((_, i) => total(having(i), (one) => valueOf(one, i)) / having(i).length);
  const covariance = theta.map((mean, i) =>
    theta.map((other, j) => {
      const both = having(i, j);
      if (both.length === 0) return 0;
      const within = ({ fit, at }: (typeof placed)[number]): number =>
        entry(entry(fit.thetaCovariance, entry(at, i)), entry(at, j));
      const between = (one: (typeof placed)[number]): number => (valueOf(one, i) - mean) * (valueOf(one, j) - other);
      return total(both, (one) => within(one) + between(one)) / both.length;
    }),
  );
  return {
    thetaNames,
    theta,
    thetaCovariance: covariance,
    objective: total(fits, ({ objective }) => objective),
    gradientNorm: Math.max(...fits.map(({ gradientNorm }) => gradientNorm)),
    evaluations: total(fits, ({ evaluations }) => evaluations),
    iterations: total(fits, ({ iterations }) => iterations),
    resumedFromIteration: 0,
    seconds: total(fits, ({ seconds }) => seconds),
    stopReason: counted(fits.map(({ stopReason }) => kindOf(stopReason))),
    converged: fits.every(({ converged }) => converged),
    activeBounds: [...tiles].flatMap(([id, { activeBounds }]) => activeBounds.map((bound) => `${bound} (tile ${id})`)),
    recursion: counted(fits.map(({ recursion }) => kindOf(recursion))),
    // an effect of elevation is no single number, and tiles over the sea have none
    fixedEffects: { mean: [], sd: [] },
    trace: [],
  };
}

/** The inference as one. Cells that tiles share count in each of them, in criteria and histograms alike. */
export function mergeInference(tiles: ReadonlyMap<string, InferenceSummary>): InferenceSummary {
  const all = [...tiles.values()];
  const first = entry(all, 0);
  const searches = all.map(({ search }) => search);
  const integrations = all.map(({ integration }) => integration);
  const sumOf = (of: (criteria: CriteriaSummary) => number): number => total(all, ({ criteria }) => of(criteria));
  const numObservations = sumOf((criteria) => criteria.numObservations);
  return {
    integration: {
      requested: first.integration.requested,
      strategy: first.integration.strategy,
      reason: `in each of ${all.length} tiles; in the first one: ${first.integration.reason}`,
      points: total(integrations, ({ points }) => points),
      failedPoints: total(integrations, ({ failedPoints }) => failedPoints),
      evaluations: total(integrations, ({ evaluations }) => evaluations),
      seconds: total(integrations, ({ seconds }) => seconds),
    },
    search: {
      stopReason: counted(searches.map(({ stopReason }) => kindOf(stopReason))),
      gradientNorm: Math.max(...searches.map(({ gradientNorm }) => gradientNorm)),
      gradientTolerance: first.search.gradientTolerance,
      converged: searches.every(({ converged }) => converged),
      activeBounds: [...tiles].flatMap(([id, { search }]) =>
        search.activeBounds.map((bound) => `${bound} (tile ${id})`),
      ),
      evaluations: total(searches, ({ evaluations }) => evaluations),
      iterations: total(searches, ({ iterations }) => iterations),
    },
    criteria: {
      logMarginalLikelihood: sumOf((criteria) => criteria.logMarginalLikelihood),
      dic: sumOf((criteria) => criteria.dic),
      dicEffectiveParameters: sumOf((criteria) => criteria.dicEffectiveParameters),
      waic: sumOf((criteria) => criteria.waic),
      waicEffectiveParameters: sumOf((criteria) => criteria.waicEffectiveParameters),
      logScore: sumOf((criteria) => criteria.logScore * criteria.numObservations) / Math.max(1, numObservations),
      numObservations,
      cpoFailures: sumOf((criteria) => criteria.cpoFailures),
    },
    pit: first.pit.map(({ pollutant }) =>
      mergePit(all.flatMap(({ pit }) => pit.filter((one) => one.pollutant === pollutant))),
    ),
    hyperparameters: mergeHyperparameters(all.map(({ hyperparameters }) => hyperparameters)),
  };
}

function mergePit(same: readonly PitHistogram[]): PitHistogram {
  const first = entry(same, 0);
  const counts = first.counts.map((_, bin) => total(same, (one) => entry(one.counts, bin)));
  return {
    ...first,
    counts,
    uniformBand: uniformBand(
      counts.reduce((sum, count) => sum + count, 0),
      counts.length,
    ),
    cpoFailures: total(same, ({ cpoFailures }) => cpoFailures),
  };
}

// SPDX-License-Identifier: Apache-2.0
/**
 * Where the search of a fit begins: at the mode of the domain's latest fit of the same model, else at the defaults, which read theta
 * off the data, or where coarser meshes lead. The key of the stage knows nothing of it, as it knows nothing of threads and checkpoints: a search ends at the mode,
 * within the tolerance that the key does hold, wherever it began. What the start was is in the result; and a fit that is made again
 * under its key begins where it began before (docs/decisions/0011-two-sides-and-ranks.md).
 *
 * @module
 */
import { z } from 'zod';

import type { StageIdentity, StageRecord } from '../../artifacts/index.js';
import type { FitResult, StartReference } from '../../artifacts/schemas/fit-result.js';
import { messageOf } from '../../common/errors.js';
import { canonicalJson } from '../../common/hash.js';
import type { StartChoice } from '../../inference-core/host-ts/index.js';
import { carriedStart, type EarlierFit, type StartedModel } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { requireInput } from '../inputs/require-input.js';

/** What decides whether earlier fits are looked for. */
export type AskedStart = 'automatic' | 'defaults';

/** Whose fit it is. */
export interface FitPlace {
  /** Stage key of the fit. */
  readonly key: string;
  readonly identity: StageIdentity;
  /** As of the stage cache: the domain, or its tile. */
  readonly scope: string;
}

/** A start before the data are read. */
export type PlannedStart = Pick<StartChoice, 'from' | 'reason'>;

type Surroundings = Pick<ActivityDependencies, 'store' | 'cache'>;

/** Parameters that do not belong to the model: they say how closely its mode is looked for, and from where. */
const SEARCH_PARAMETERS = new Set(['gradientTolerance', 'maximumIterations', 'start']);
/** The data, which are of another day. */
const DATA = 'daily';

const DEFAULTS_ASKED = 'engine.start asks for the defaults';
const FIRST_FIT = 'first fit of the domain';

/** What a recorded fit tells of its start. */
const recordedStart = z.object({ from: z.string(), earlierKey: z.string().optional() });

/** A fit of which the mode may be a start, before its numbers are read. */
type Candidate =
  { readonly record: StageRecord; readonly why: string } | { readonly record?: undefined; readonly why: string };

/**
 * The start of a fit, with the reason in words.
 *
 * @param model - that will be fitted
 */
export async function chooseStart(
  deps: Surroundings,
  place: FitPlace,
  asked: AskedStart,
  model: StartedModel,
): Promise<StartChoice> {
  const { record, why } = await earlierFit(deps, place, asked);
  if (record === undefined) return { from: 'defaults', reason: why };
  const read = await readEarlier(deps, record);
  if ('refusal' in read) return { from: 'defaults', reason: `${why}, but ${read.refusal}` };
  const known = referenceOf(read.fit, record);
  const reference = known === undefined ? {} : { reference: known };
  const carried = carriedStart(read, model);
  if ('refusal' in carried) return { from: 'defaults', reason: `${why}, but ${carried.refusal}`, ...reference };
  return { from: 'earlier-run', reason: why, ...carried, ...reference, earlierKey: record.key };
}

/** As far as it is known without the data: from which fit a search would begin, or why from none. */
export async function plannedStart(deps: Surroundings, place: FitPlace, asked: AskedStart): Promise<PlannedStart> {
  const { record, why } = await earlierFit(deps, place, asked);
  return { from: record === undefined ? 'defaults' : 'earlier-run', reason: why };
}

/** As {@link plannedStart}, while the mesh and the route are not known: the latest fit may be of another model. */
export async function likelyStart(
  { cache }: Pick<Surroundings, 'cache'>,
  scope: string,
  asked: AskedStart,
): Promise<PlannedStart> {
  if (asked === 'defaults') return { from: 'defaults', reason: DEFAULTS_ASKED };
  const latest = await cache.latestOf('fit', scope);
  return latest === undefined
    ? { from: 'defaults', reason: FIRST_FIT }
    : {
        from: 'earlier-run',
        reason: `mode of the fit of ${latest.computedAt}, where that proves to be of the same model`,
      };
}

async function earlierFit(deps: Surroundings, place: FitPlace, asked: AskedStart): Promise<Candidate> {
  if (asked === 'defaults') return { why: DEFAULTS_ASKED };
  const own = await deps.cache.recordOf(place.key);
  const before = recordedStart.safeParse(own?.facts['start']).data;
  if (before !== undefined) {
    if (before.earlierKey === undefined) return { why: 'as when it was computed first' };
    const record = await deps.cache.recordOf(before.earlierKey);
    return record === undefined
      ? { why: 'the earlier fit at which it began is no longer stored' }
      : { record, why: `mode of the fit of ${record.computedAt}, as when it was computed first` };
  }
  const latest = await deps.cache.latestOf(place.identity.stage, place.scope);
  if (latest === undefined) return { why: FIRST_FIT };
  // of the same data, or of a record that is gone: a fit that begins at its own result proves nothing
  if (latest.key === place.key) return { why: 'the latest fit of the domain is this one' };
  const other = otherModel(latest.identity, place.identity);
  return other === undefined
    ? { record: latest, why: `mode of the fit of ${latest.computedAt}` }
    : { why: `the fit of ${latest.computedAt} is of another model: ${other}` };
}

/** What makes two fits of different models; undefined where only their data differ. */
function otherModel(before: StageIdentity, now: StageIdentity): string | undefined {
  if (before.version !== now.version) return 'it was made by another version';
  const inputs = new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)]);
  const input = [...inputs].find((name) => name !== DATA && before.inputs[name] !== now.inputs[name]);
  if (input !== undefined) return `other ${input}`;
  const names = new Set([...Object.keys(before.parameters), ...Object.keys(now.parameters)]);
  const changed = [...names].find(
    (name) =>
      !SEARCH_PARAMETERS.has(name) &&
      canonicalJson(before.parameters[name] ?? null) !== canonicalJson(now.parameters[name] ?? null),
  );
  return changed === undefined ? undefined : `other ${changed}`;
}

/** The parts of a stored fit that a start needs: its hash vouches for its bytes, not for its numbers. */
const fitSchema = z.object({
  theta: z.array(z.number()),
  hessian: z.array(z.array(z.number())).optional(),
  converged: z.boolean(),
  activeBounds: z.array(z.string()),
  evaluations: z.number(),
  start: z
    .object({
      from: z.string(),
      reference: z.object({ evaluations: z.number(), of: z.string() }).optional(),
    })
    .optional(),
});

const frameSchema = z.object({
  kind: z.enum(['spatio-temporal', 'spatial']),
  pollutants: z.array(z.string()),
  thetaNames: z.array(z.string()),
  standardisation: z.array(z.object({ sdUgM3: z.number() })),
  covariates: z.object({ names: z.array(z.string()) }),
});

type StoredFit = z.infer<typeof fitSchema>;

/** Reads a stored fit; what cannot be read or used is refused in words. */
async function readEarlier(
  { store }: Surroundings,
  { outputs }: StageRecord,
): Promise<(EarlierFit & { readonly fit: StoredFit }) | { readonly refusal: string }> {
  try {
    const fit = fitSchema.parse(await store.getJson<FitResult>(requireInput({ inputs: outputs }, 'fit')));
    const frame = await store.getJson<EarlierFit['frame']>(requireInput({ inputs: outputs }, 'frame'));
    frameSchema.parse(frame);
    return fit.activeBounds.length > 0 ? { refusal: `its mode is at a bound: ${fit.activeBounds[0]}` } : { fit, frame };
  } catch (error) {
    return { refusal: `it cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)}` };
  }
}

/**
 * The latest fit from the defaults that is known: the earlier one, or the one that it was compared with. A fit that fell back on the
 * defaults has spent more than a search from them takes: the smaller figure never claims too much.
 */
function referenceOf({ evaluations, start }: StoredFit, { computedAt }: StageRecord): StartReference | undefined {
  const own = { evaluations, of: `the fit of ${computedAt}, from the defaults` };
  const { from = 'defaults', reference } = start ?? {};
  if (from !== 'defaults') return reference;
  return reference !== undefined && reference.evaluations < evaluations ? reference : own;
}

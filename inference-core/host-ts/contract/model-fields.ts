// SPDX-License-Identifier: Apache-2.0
/**
 * The fields of everything that a model is made of, once: files of models, their JSON form and what is refused derive from these
 * tables. The types of engine-model.ts and grid-model.ts say what the fields mean; that table and type agree, the compiler checks, and
 * that the engine reads the same fields, a test.
 *
 * @module
 */
import type { CsrMatrix, SpectralBasis } from '../../../artifacts/schemas/mesh.js';
import type {
  EngineModel,
  Likelihood,
  ObservationGroup,
  PredictionDesign,
  RandomEffect,
  TemporalMatrices,
  ThetaPrior,
} from './engine-model.js';
import type { GridGroup, GridIntervals, GridModel, GridPredictionDesign, RegularGrid } from './grid-model.js';

/** The structs by name. */
export interface ModelStructs {
  CsrMatrix: CsrMatrix;
  TemporalMatrices: TemporalMatrices;
  SpectralBasis: SpectralBasis;
  ObservationGroup: ObservationGroup;
  RandomEffect: RandomEffect;
  EngineModel: EngineModel;
  PredictionDesign: PredictionDesign;
  RegularGrid: RegularGrid;
  GridGroup: GridGroup;
  GridModel: GridModel;
  GridIntervals: GridIntervals;
  GridPredictionDesign: GridPredictionDesign;
}

export type StructName = keyof ModelStructs;

/** What a list has: structs, priors, or arrays of integers. */
export type ElementName = StructName | 'ThetaPrior' | 'integers';

interface ElementValues extends ModelStructs {
  ThetaPrior: ThetaPrior;
  integers: Int32Array;
}

/** One field: what it holds, whether it may be absent, and its name in a file where that is not its own. */
export type FieldSpec = FieldKind & {
  readonly optional?: boolean;
  /** Of the columns of a struct, of the number of arrays of a list. Default: the name in snake case, `<name>Count`. */
  readonly stored?: string;
};

export type FieldKind =
  /** One number; an `integer` is whole and not negative. */
  | { readonly kind: 'number' | 'integer' }
  /** Float64Array, Int32Array. */
  | { readonly kind: 'numbers' | 'integers' }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'struct'; readonly of: StructName }
  | { readonly kind: 'list'; readonly of: ElementName };

export type FieldTable = Readonly<Record<string, FieldSpec>>;

type NameOf<Values, Value> = {
  [Name in keyof Values]: Same<Values[Name], Value> extends true ? Name : never;
}[keyof Values];
type Same<A, B> = [A, B] extends [B, A]
  ? keyof A extends keyof B
    ? keyof B extends keyof A
      ? true
      : false
    : false
  : false;

type KindFor<Value> = [Value] extends [number]
  ? { readonly kind: 'number' | 'integer' }
  : [Value] extends [string]
    ? { readonly kind: 'choice'; readonly of: readonly Value[] }
    : [Value] extends [Float64Array]
      ? { readonly kind: 'numbers' }
      : [Value] extends [Int32Array]
        ? { readonly kind: 'integers' }
        : [Value] extends [readonly (infer Element)[]]
          ? { readonly kind: 'list'; readonly of: NameOf<ElementValues, Element> }
          : { readonly kind: 'struct'; readonly of: NameOf<ModelStructs, Value> };

/** The table that a type asks for: its fields, no other, optional where they are. */
type TableFor<Struct> = {
  readonly [Key in keyof Struct]-?: KindFor<Exclude<Struct[Key], undefined>> & {
    readonly stored?: string;
  } & (undefined extends Struct[Key] ? { readonly optional: true } : { readonly optional?: never });
};

const NUMBER = { kind: 'number' } as const;
const INTEGER = { kind: 'integer' } as const;
const NUMBERS = { kind: 'numbers' } as const;
const INTEGERS = { kind: 'integers' } as const;
/** Named as keys, so that the compiler misses none and refuses others; in their order. */
const choice = <Value extends string>(of: Readonly<Record<Value, true>>) =>
  ({ kind: 'choice', of: Object.keys(of) as unknown as readonly Value[] }) as const;
const struct = <const Of extends StructName>(of: Of) => ({ kind: 'struct', of }) as const;
const list = <const Of extends ElementName>(of: Of) => ({ kind: 'list', of }) as const;
const optional = <const Spec extends FieldKind>(spec: Spec) => ({ ...spec, optional: true }) as const;

/** In the order in which the engine reads them. */
export const MODEL_FIELDS = {
  CsrMatrix: {
    numRows: INTEGER,
    numColumns: INTEGER,
    rowPointers: INTEGERS,
    columnIndices: INTEGERS,
    values: NUMBERS,
  },
  TemporalMatrices: { m0: NUMBERS, m1: NUMBERS, m2Diagonal: NUMBERS, m2OffDiagonal: NUMBERS },
  SpectralBasis: { eigenvalues: NUMBERS, eigenvectors: NUMBERS },
  ObservationGroup: {
    process: optional(INTEGER),
    likelihood: optional(
      choice<Likelihood>({ gaussian: true, poisson: true, binomial: true, gamma: true, 'student-t': true }),
    ),
    transform: optional(
      choice<NonNullable<ObservationGroup['transform']>>({ identity: true, log: true, 'square-root': true }),
    ),
    y: NUMBERS,
    timeIndex: INTEGERS,
    projector: struct('CsrMatrix'),
    covariates: NUMBERS,
    numCovariates: INTEGER,
    weights: optional(NUMBERS),
    exposure: optional(NUMBERS),
    effectLevels: { ...optional(list('integers')), stored: 'numEffects' },
  },
  RandomEffect: {
    process: INTEGER,
    numLevels: INTEGER,
    structure: optional(choice<NonNullable<RandomEffect['structure']>>({ iid: true, 'cyclic-walk': true })),
  },
  EngineModel: {
    kind: choice<EngineModel['kind']>({
      'spatio-temporal': true,
      'exact-diffusion': true,
      spatial: true,
      separable: true,
    }),
    manifold: choice<EngineModel['manifold']>({ plane: true, sphere: true }),
    sphereSeriesTerms: optional(INTEGER),
    numTimeSteps: INTEGER,
    c0: NUMBERS,
    g1: struct('CsrMatrix'),
    temporal: optional(struct('TemporalMatrices')),
    spectralBasis: { ...optional(struct('SpectralBasis')), stored: 'spectral' },
    observations: list('ObservationGroup'),
    randomEffects: optional(list('RandomEffect')),
    fixedEffectsPriorPrecision: NUMBER,
    priors: list('ThetaPrior'),
  },
  PredictionDesign: { process: INTEGER, timeIndices: INTEGERS, projector: struct('CsrMatrix'), covariates: NUMBERS },
  RegularGrid: { numRows: INTEGER, numColumns: INTEGER, cellHeight: NUMBER, cellWidth: NUMBER },
  GridGroup: {
    process: INTEGER,
    timeIndex: INTEGERS,
    y: NUMBERS,
    covariates: NUMBERS,
    numCovariates: INTEGER,
    weights: optional(NUMBERS),
  },
  GridModel: {
    kind: choice<GridModel['kind']>({ 'exact-diffusion': true, separable: true, spatial: true }),
    grid: struct('RegularGrid'),
    numTimeSteps: INTEGER,
    groups: list('GridGroup'),
    fixedEffectsPriorPrecision: NUMBER,
    priors: list('ThetaPrior'),
  },
  GridIntervals: { centres: NUMBERS, width: NUMBER },
  GridPredictionDesign: {
    process: INTEGER,
    timeIndices: INTEGERS,
    rows: struct('GridIntervals'),
    columns: struct('GridIntervals'),
    covariates: NUMBERS,
    modesPerCell: optional(INTEGER),
  },
} as const satisfies { readonly [Name in StructName]: TableFor<ModelStructs[Name]> };

type PriorOf<Type extends ThetaPrior['type']> = Omit<Extract<ThetaPrior, { type: Type }>, 'type'>;

/** The fields of a prior besides `type`, by type. */
export const PRIOR_FIELDS = {
  gaussian: { mean: NUMBER, precision: NUMBER },
  'penalized-complexity': {
    kind: choice<PriorOf<'penalized-complexity'>['kind']>({
      'spatial-range': true,
      'temporal-range': true,
      sigma: true,
      'noise-sd': true,
      'noise-precision-compat': true,
    }),
    lambda: NUMBER,
  },
  'log-gamma': { shape: NUMBER, rate: NUMBER },
  fixed: { value: NUMBER },
} as const satisfies { readonly [Type in ThetaPrior['type']]: TableFor<PriorOf<Type>> };

/** The table of a struct, for code that goes through fields. */
export function fieldsOf(name: StructName): FieldTable {
  return MODEL_FIELDS[name];
}

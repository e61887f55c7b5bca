// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';

import type { NativeEngine } from '../../inference-core/host-ts/contract/native-engine.js';

/** An engine that can do what is given; whatever else it is asked for fails the test. */
export function fakeEngine(able: Partial<NativeEngine>): NativeEngine {
  const unused = (): never => assert.fail('the engine is asked for what this test does not expect');
  return {
    version: () => 'fake',
    setNumThreads: unused,
    joinRanks: unused,
    setRankGroups: unused,
    leaveRanks: unused,
    gatherTexts: unused,
    thetaNames: unused,
    kernelRates: unused,
    spectralBasis: unused,
    prepare: unused,
    evaluate: unused,
    fit: unused,
    multilevelStart: unused,
    predict: unused,
    integrate: unused,
    samplePosterior: unused,
    leaveGroupsOut: unused,
    summariseResponse: unused,
    evaluateGrid: unused,
    fitGrid: unused,
    integrateGrid: unused,
    mapGrid: unused,
    leaveGridGroupsOut: unused,
    summariseGridSamples: unused,
    ...able,
  };
}

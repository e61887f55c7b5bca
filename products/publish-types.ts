// SPDX-License-Identifier: Apache-2.0
import type { ProductInputs } from './product-types.js';
import type { RunManifest } from './run-manifest.js';
import type { VersionOptions } from './run-versions.js';
import type { RunSummary } from './summary.js';

/** What `publish` takes: the inputs of the products and where to put them. */
export interface PublicationInputs extends ProductInputs {
  /** Root of all runs; the products go to `<runsFolder>/<domain>/<cycle>/`. */
  readonly runsFolder: string;
  /** Folders of this machine that texts may name; products do not. */
  readonly privateFolders?: readonly string[];
}

/** The signal stops between products; nothing is left behind. */
export interface PublishOptions extends VersionOptions {
  /** Called after each product with the share of the work done in (0, 1] and what comes next, in words. */
  readonly onProgress?: (share: number, message: string) => void;
}

/** A finished run. */
export interface PublishedRun {
  /** `<runsFolder>/<domain>/<cycle>`. */
  readonly folder: string;
  /** Path of the HTML report. */
  readonly reportPath: string;
  /** Files relative to `folder`, `COMPLETE` last. */
  readonly files: readonly string[];
  /** Content of `COMPLETE`. */
  readonly manifest: RunManifest;
  readonly summary: RunSummary;
}

/** Writes all products of a run; see `publish`. */
export type Publish = (args: PublicationInputs, options?: PublishOptions) => Promise<PublishedRun>;

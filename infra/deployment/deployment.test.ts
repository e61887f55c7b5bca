// SPDX-License-Identifier: Apache-2.0
/** Units, image and manifests, each judged by its own validator where that is installed, and by what the worker needs of them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { validate } from 'dockerfile-utils';
import { parseAllDocuments } from 'yaml';

import { workerCommand } from '../../cli/commands/worker.js';
import { SHUTDOWN_FORCE_MS } from '../../cli/runtime/serve-queues.js';
import { packageFolder } from '../../common/version.js';
import { mpiJobSchema } from '../../tests/support/mpi-job-schema.js';

const FOLDER = join(packageFolder(), 'infra', 'deployment');
const MANIFESTS = join(FOLDER, 'kubernetes', 'workers.yml');
const RANKS = join(FOLDER, 'kubernetes', 'ranks.yml');
const UNITS = readdirSync(join(FOLDER, 'systemd')).map((name) => ({
  name,
  text: readFileSync(join(FOLDER, 'systemd', name), 'utf8'),
}));
/** What is secret comes by reference. */
const SECRET = /API_KEY|PAYLOAD_KEY|HOOK_URL|TOKEN|PASSWORD/u;

const absent = (program: string, hint: string): string | false =>
  spawnSync(program, ['--version']).error === undefined ? false : `${program} is not on the PATH: ${hint}`;
const NO_SYSTEMD = absent('systemd-analyze', 'the Debian package systemd has it');
const NO_VALIDATOR = absent('kubernetes-validate', 'pip install kubernetes-validate (it carries the schemas)');

/** The options of a command line that the worker knows. */
function assertWorkerArguments(args: readonly string[], kind?: string): void {
  assert.equal(args[0], 'worker');
  const known = workerCommand.spec.options.map(({ name }) => `--${name}`);
  for (const option of args.filter((one) => one.startsWith('--'))) assert.ok(known.includes(option), option);
  if (kind !== undefined) assert.equal(args[args.indexOf('--only') + 1], kind);
}

describe('systemd units', () => {
  const inScratch = (check: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'tramontana-units-'));
    try {
      // systemd wants programs that are there
      for (const { name, text } of UNITS) {
        writeFileSync(join(folder, name), text.replace(/^ExecStart=\S+/mu, 'ExecStart=/bin/true'));
      }
      check(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('are units of systemd, and shut in', { skip: NO_SYSTEMD }, () => {
    inScratch((folder) => {
      const files = UNITS.map(({ name }) => join(folder, name));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.equal(stderr, '', 'no unknown key');
      for (const file of files) {
        // in tenths of its scale of 0 to 10; 2.0 and below is the grade of the services that systemd shuts in itself
        const args = ['security', '--offline=true', '--threshold=20', file];
        const judged = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
        assert.equal(judged.status, 0, judged.stdout.slice(-200));
      }
    });
  });

  it('start both kinds of workers and give them the time to end', () => {
    for (const kind of ['pipeline', 'engine']) {
      const text = UNITS.find(({ name }) => name === `tramontana-worker-${kind}.service`)?.text ?? '';
      const [, command = ''] = /^ExecStart=\S+ (.*)$/mu.exec(text) ?? [];
      assertWorkerArguments(command.split(' '), kind);
      const [, stopSeconds] = /^TimeoutStopSec=(\d+)$/mu.exec(text) ?? [];
      assert.ok(Number(stopSeconds) * 1000 > SHUTDOWN_FORCE_MS + 10_000);
      assert.match(text, /^KillMode=mixed$/mu);
      assert.doesNotMatch(text, /^Environment=/mu, 'secrets come from a file');
    }
  });
});

describe('the image', () => {
  const text = readFileSync(join(FOLDER, 'Containerfile'), 'utf8');

  it('is built by instructions that hold', () => {
    assert.deepEqual(validate(text), []);
  });

  it('runs a worker as nobody in particular, and is asked how it does', () => {
    const last = text.slice(text.lastIndexOf('\nFROM '));
    assert.match(last, /^USER (?!0)\d+:\d+$/mu);
    assert.match(last, /^HEALTHCHECK .*\\\n {2}CMD \[.*\/health/mu);
    assert.doesNotMatch(text, SECRET);
    const [, command = '[]'] = /^CMD (\[.*\])$/mu.exec(last) ?? [];
    assertWorkerArguments(JSON.parse(command) as string[]);
    // the engine stops at SIGTERM of the worker, which is the first process
    assert.match(last, /^STOPSIGNAL SIGTERM$/mu);
    assert.match(last, /^ENTRYPOINT \["tramontana"\]$/mu);
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env?: unknown;
    readonly resources: { readonly requests: object; readonly limits: object };
    readonly startupProbe: Probe;
    readonly readinessProbe: Probe;
    readonly livenessProbe: Probe;
    readonly securityContext: Readonly<Record<string, unknown>>;
  }[];
}

describe('Kubernetes manifests', () => {
  const text = readFileSync(MANIFESTS, 'utf8');
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
  const manifests = documents.filter((document) => document !== null);

  it('are what the API takes', { skip: NO_VALIDATOR }, () => {
    const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', MANIFESTS], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });

  it('run two kinds of workers with probes, limits and the time to end', () => {
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
    assert.deepEqual(
      deployments.map(({ metadata }) => metadata.name),
      ['tramontana-pipeline', 'tramontana-engine'],
    );
    for (const { metadata, spec } of deployments) {
      const pod = spec?.template?.spec;
      assert.ok(pod !== undefined);
      assert.ok(pod.terminationGracePeriodSeconds * 1000 > SHUTDOWN_FORCE_MS + 10_000);
      assert.equal(pod.securityContext['runAsNonRoot'], true);
      const [container] = pod.containers;
      assert.ok(container !== undefined);
      assertWorkerArguments(container.args, metadata.name.replace('tramontana-', ''));
      assert.equal(container.startupProbe.httpGet.path, '/health');
      assert.equal(container.readinessProbe.httpGet.path, '/health');
      // an end would not bring a server back, and would cut short what drains
      assert.equal(container.livenessProbe.httpGet.path, '/live');
      assert.ok('memory' in container.resources.limits && 'cpu' in container.resources.requests);
      assert.equal(container.securityContext['readOnlyRootFilesystem'], true);
      assert.equal(container.env, undefined, 'variables come from the config map and the secret');
    }
  });

  it('hold no secret', () => {
    assert.ok(!manifests.some(({ kind }) => kind === 'Secret'));
    for (const { data = {} } of manifests) assert.doesNotMatch(Object.keys(data).join(), SECRET);
  });
});

describe('ranks on several nodes', () => {
  const documents = parseAllDocuments(readFileSync(RANKS, 'utf8')).map(
    (document) => document.toJS() as Manifest | null,
  );
  const job = mpiJobSchema.parse(documents.find((document) => document?.kind === 'MPIJob'));
  const { Launcher, Worker } = job.spec.mpiReplicaSpecs;
  assert.ok(Worker !== undefined);
  const templates = { launcher: Launcher.template, worker: Worker.template };

  it('are an MPIJob of pods that the API takes', { skip: NO_VALIDATOR }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tramontana-ranks-'));
    try {
      for (const [name, template] of Object.entries(templates)) {
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...template.metadata }, spec: template.spec };
        const path = join(folder, `${name}.json`);
        writeFileSync(path, JSON.stringify(pod));
        const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', path], { encoding: 'utf8' });
        assert.equal(status, 0, stdout + stderr);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are refused with a field that an MPIJob does not have', () => {
    const { spec } = job;
    assert.ok(!mpiJobSchema.safeParse({ ...job, spec: { ...spec, slotPerWorker: 2 } }).success);
    assert.ok(!mpiJobSchema.safeParse({ ...job, spec: { ...spec, mpiImplementation: 'LAM' } }).success);
  });

  it('belong to an engine worker, share its volume, and are reached by ssh as nobody in particular', () => {
    const { launcher, worker } = templates as unknown as Record<string, { spec: PodSpec & { volumes: unknown } }>;
    assert.ok(launcher !== undefined && worker !== undefined);
    assertWorkerArguments(launcher.spec.containers[0]?.args ?? [], 'engine');
    assert.deepEqual(launcher.spec.volumes, worker.spec.volumes);
    for (const { spec } of [launcher, worker]) {
      assert.ok(spec.terminationGracePeriodSeconds * 1000 > SHUTDOWN_FORCE_MS + 10_000);
      assert.equal(spec.securityContext['runAsNonRoot'], true);
      assert.equal(spec.containers[0]?.securityContext['readOnlyRootFilesystem'], true);
    }
    const data = documents.find((document) => document?.kind === 'ConfigMap')?.data ?? {};
    // where the operator mounts its keys, by which ssh of both sides must go
    for (const name of ['sshd_config', 'ssh_config']) {
      assert.match(data[name] ?? '', new RegExp(`${job.spec.sshAuthMountPath}/id_rsa`, 'u'));
      assert.match(data[name] ?? '', /^\s*Port 2222$/mu);
    }
  });
});

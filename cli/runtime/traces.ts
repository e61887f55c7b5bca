// SPDX-License-Identifier: Apache-2.0
/**
 * OpenTelemetry traces of a worker, by the interceptors of the Temporal SDK. Optional: their packages are 30 MB, of use only to those who
 * collect traces, so they are peers that a user adds, and loaded only where the environment names a collector.
 *
 * @module
 */
import type { WorkerPlugin } from '@temporalio/worker';

import { messageOf, TramontanaError } from '../../common/errors.js';
import { packageVersion } from '../../common/version.js';

/** Longer than a collector nearby takes; a worker that ends waits no longer for one that is gone. */
const FLUSH_TIMEOUT_MS = 3000;

const PACKAGES = [
  '@temporalio/interceptors-opentelemetry@1.24',
  '@opentelemetry/api@1',
  '@opentelemetry/context-async-hooks@1',
  '@opentelemetry/exporter-trace-otlp-http@0.57',
  '@opentelemetry/resources@1',
  '@opentelemetry/sdk-trace-base@1',
];

/** Traces that are on. */
export interface Traces {
  readonly plugin: WorkerPlugin;
  /** To be bundled with the workflows. */
  readonly workflowInterceptorModules: string[];
  /** Sends what has not been sent. */
  end(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** True where the environment names a collector. */
function isAskedFor({
  OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
  OTEL_SDK_DISABLED,
}: Environment) {
  const named = `${OTEL_EXPORTER_OTLP_ENDPOINT ?? ''}${OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? ''}`;
  return named !== '' && OTEL_SDK_DISABLED !== 'true';
}

async function load() {
  try {
    const [interceptors, api, hooks, exporter, resources, sdk] = await Promise.all([
      import('@temporalio/interceptors-opentelemetry'),
      import('@opentelemetry/api'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-base'),
    ]);
    return { interceptors, api, hooks, exporter, resources, sdk };
  } catch (error) {
    const message = `OTEL_EXPORTER_OTLP_ENDPOINT: expected the packages of OpenTelemetry beside Tramontana, got: ${messageOf(error)}\nnpm install ${PACKAGES.join(' ')}`;
    throw new TramontanaError('Runtime.NoTraces', message, { cause: error });
  }
}

/**
 * Turns traces on where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector (OTLP over HTTP); the exporter reads the other variables of
 * OpenTelemetry itself. Undefined where it does not: nothing is loaded then.
 *
 * @throws {TramontanaError} `Runtime.NoTraces` when the packages are absent
 */
export async function tracesOf(environment: Environment = process.env): Promise<Traces | undefined> {
  if (!isAskedFor(environment)) return undefined;
  const { interceptors, api, hooks, exporter, resources, sdk } = await load();
  const resource = new resources.Resource({
    'service.name': environment['OTEL_SERVICE_NAME'] ?? 'tramontana-worker',
    'service.version': packageVersion(),
  });
  const spanProcessor = new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter());
  const provider = new sdk.BasicTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register({ contextManager: new hooks.AsyncLocalStorageContextManager().enable() });
  const plugin = new interceptors.OpenTelemetryPlugin({ resource, spanProcessor });
  const { workflowInterceptorModules = [] } = plugin.configureBundler({ workflowsPath: '' });
  return {
    plugin,
    workflowInterceptorModules,
    end: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS).unref());
      // a collector that is gone must not fail a worker that ends in order
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      api.trace.disable();
    },
  };
}

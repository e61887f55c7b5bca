// SPDX-License-Identifier: Apache-2.0
/**
 * Temporal's Web UI as a program sees it: the interface that its pages call when a person presses a button.
 *
 * @module
 */

const NAMESPACE = '/api/v1/namespaces/default';

/** A stage under way, as the page of a run shows it. */
export interface PendingActivity {
  readonly activityId: string;
  readonly activityType: { readonly name: string };
  readonly state: string;
  readonly paused?: boolean;
  readonly attempt: number;
}

interface Description {
  readonly workflowExecutionInfo: {
    readonly status: string;
    readonly execution: { readonly workflowId: string; readonly runId: string };
  };
  readonly pendingActivities?: readonly PendingActivity[];
}

interface History {
  readonly history: { readonly events: readonly { readonly eventId: string; readonly eventType: string }[] };
}

const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

/** One Web UI. Its server wants a token with every change, which it gives with the first answer. */
export class WebUi {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async open(url: string): Promise<WebUi> {
    const { headers } = await fetch(`${url}/api/v1/settings`);
    const token = /_csrf=([^;]+)/u.exec(headers.get('set-cookie') ?? '')?.[1];
    if (token === undefined) throw new Error(`${url}: expected a Web UI that gives a token, got none`);
    return new WebUi(url, token);
  }

  /** Starts a workflow from the form: type, task queue, one JSON object. */
  async start(workflowId: string, type: string, input: unknown): Promise<void> {
    const payload = { metadata: { encoding: inBase64('json/plain') }, data: inBase64(JSON.stringify(input)) };
    await this.ask('POST', `/workflows/${workflowId}`, {
      workflowType: { name: type },
      taskQueue: { name: 'tramontana' },
      input: { payloads: [payload] },
    });
  }

  describe(workflowId: string): Promise<Description> {
    return this.ask('GET', `/workflows/${workflowId}`) as Promise<Description>;
  }

  async statusOf(workflowId: string): Promise<string> {
    const { workflowExecutionInfo } = await this.describe(workflowId);
    return workflowExecutionInfo.status.replace('WORKFLOW_EXECUTION_STATUS_', '').toLowerCase();
  }

  async pendingActivity(workflowId: string): Promise<PendingActivity | undefined> {
    return (await this.describe(workflowId)).pendingActivities?.[0];
  }

  async pauseActivity(workflowId: string, activityId: string): Promise<void> {
    await this.ask('POST', `/workflows/${workflowId}/activities/${activityId}/pause`, { reason: 'held by a test' });
  }

  async unpauseActivity(workflowId: string, activityId: string): Promise<void> {
    await this.ask('POST', `/workflows/${workflowId}/activities/${activityId}/unpause`, {});
  }

  async cancel(workflowId: string): Promise<void> {
    await this.ask('POST', `/workflows/${workflowId}/cancel`, { workflowExecution: { workflowId } });
  }

  async terminate(workflowId: string): Promise<void> {
    await this.ask('POST', `/workflows/${workflowId}/terminate`, {
      workflowExecution: { workflowId },
      reason: 'ended by a test',
    });
  }

  /** Resets a run to the last of its workflow tasks that has ended, as the page offers. */
  async resetToLastTask(workflowId: string): Promise<void> {
    const { workflowExecutionInfo } = await this.describe(workflowId);
    const { history } = (await this.ask('GET', `/workflows/${workflowId}/history?maximumPageSize=1000`)) as History;
    const last = history.events.filter(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED').at(-1);
    await this.ask('POST', `/workflows/${workflowId}/reset`, {
      workflowExecution: workflowExecutionInfo.execution,
      reason: 'reset by a test',
      workflowTaskFinishEventId: last?.eventId,
      requestId: `reset-${last?.eventId ?? ''}`,
    });
  }

  private async ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}${NAMESPACE}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'X-CSRF-TOKEN': this.token, cookie: `_csrf=${this.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}

// SPDX-License-Identifier: Apache-2.0

/** Lets through what waits beside a long computation: heartbeats, a cancellation. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

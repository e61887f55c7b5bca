// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';

/** Binds a loopback port for a moment; resolves to it, or to undefined when it is taken. Port 0 asks for any. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const found = address !== null && typeof address === 'object' ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}

/** The first free loopback port of `preferred`, `preferred + 1`, ... within 20; else any free one. */
export async function freePortNear(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + 20; port += 1) {
    if ((await tryPort(port)) !== undefined) return port;
  }
  return freePort();
}

/** Any free loopback port. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new Error('no free loopback port');
  return port;
}

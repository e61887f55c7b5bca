// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

/** Reads a file that others append to, line by line. */
export class FileTail {
  private position = 0;
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  constructor(
    private readonly path: string,
    private readonly onLine: (line: string) => void,
  ) {}

  /** What has come since the last call; a file that is not there yet is empty. Opened anew each time: so NFS shows what is new. */
  async read(): Promise<void> {
    const file = await open(this.path, 'r').catch(() => undefined);
    if (file === undefined) return;
    try {
      const buffer = Buffer.alloc(1 << 16);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.position);
        if (bytesRead === 0) return;
        this.position += bytesRead;
        const lines = (this.rest + this.decoder.write(buffer.subarray(0, bytesRead))).split('\n');
        this.rest = lines.pop() ?? '';
        for (const line of lines) if (line.trim() !== '') this.onLine(line);
      }
    } finally {
      await file.close();
    }
  }
}

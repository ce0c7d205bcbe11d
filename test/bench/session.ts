import { Agent, request } from 'node:http';
import { since } from './load.ts';
import { usage } from './processes.ts';
import type { Server } from './servers.ts';
import { median } from './table.ts';

/** Somebody who asks for one thing after the other, over one connection. */
export interface Session {
  /** Gives the JSON of the answer, and the milliseconds it took. Another status than 200 is thrown. */
  get(path: string): Promise<{ body: unknown; milliseconds: number }>;
  /** How long the same request takes, many times in turn. */
  time(path: string, times: number): Promise<Times>;
  close(): void;
}

/** Milliseconds of one request. */
export interface Times {
  /** From sending it to the end of its answer, the median. */
  waited: number;
  /** On a CPU, server and PostgreSQL together. Hardly longer when the machine has other work to do. */
  worked: number;
}

/** `path` is below the server's MyID API. */
export function session(server: Server, token: string): Session {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${token}` };

  const get: Session['get'] = (path) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const sent = request(`${server.url}/rest.core/api/${path}`, { agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const milliseconds = performance.now() - started;
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve({ body: JSON.parse(text), milliseconds });
          else reject(new Error(`${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end();
    });

  return {
    get,
    async time(path, times) {
      for (let i = 0; i < 2; i++) await get(path);
      const before = usage(server);
      const waited: number[] = [];
      for (let i = 0; i < times; i++) waited.push((await get(path)).milliseconds);
      const used = since(before, server);
      return { waited: median(waited), worked: ((used.server + used.database) / times) * 1000 };
    },
    close: () => agent.destroy(),
  };
}

import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Starts a server on a free port of the loopback address, and gives the port. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return address.port;
}

/** What came back over a connection of its own. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True when the server ended the connection. */
  readonly closed: boolean;
}

/**
 * Sends bytes as they are, and gives the first answer: whole by its length, or what there was when the server closed.
 * Fails after five seconds of neither.
 */
export function sendRaw(port: number, ...pieces: (string | Buffer)[]): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const socket = connect(port, '127.0.0.1');
  let got = '';
  const settle = (closed: boolean) => {
    const end = got.indexOf('\r\n\r\n');
    if (end === -1) {
      if (closed) reject(new Error(`closed after ${JSON.stringify(got)}`));
      return;
    }
    const [line = '', ...lines] = got.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]),
    );
    const body = got.slice(end + 4);
    const whole = Buffer.byteLength(body) >= Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
    if (!closed && (!whole || headers.connection === 'close')) return;
    resolve({ status: Number(line.split(' ')[1]), headers, body, closed });
    socket.destroy();
  };
  socket.setTimeout(5000, () => {
    socket.destroy();
    reject(new Error(`no answer, only ${JSON.stringify(got)}`));
  });
  socket.on('data', (chunk) => {
    got += chunk.toString();
    settle(false);
  });
  socket.on('close', () => settle(true));
  socket.on('error', () => {}); // a close follows
  for (const piece of pieces) socket.write(piece);
  return promise;
}

/** Waits until a condition holds; fails after five seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

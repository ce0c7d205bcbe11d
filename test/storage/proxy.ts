import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between the server and its database, with a switch. */
export interface Proxy {
  /** The address of the same database through this proxy. */
  readonly url: string;
  /** `pass` forwards; `refuse` cuts every connection and takes none; `swallow` takes everything and answers nothing. */
  set(mode: 'pass' | 'refuse' | 'swallow'): void;
  close(): void;
}

export async function startProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const folder = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  const dial = () => (folder ? connect(`${folder}/.s.PGSQL.${port}`) : connect(port, target.hostname));

  let mode: 'pass' | 'refuse' | 'swallow' = 'pass';
  const pairs = new Set<Socket[]>();
  const server = createServer((near) => {
    if (mode === 'refuse') return near.destroy();
    const far = dial();
    const pair = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      from.on('data', (data) => mode === 'swallow' || to.write(data));
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = () => {
    for (const socket of [...pairs].flat()) socket.destroy();
  };
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  url.searchParams.delete('host');
  url.searchParams.set('sslmode', 'disable');
  return {
    url: url.href,
    set(next) {
      mode = next;
      if (next !== 'pass') return next === 'refuse' ? cut() : undefined;
      cut(); // what was swallowed is lost; who waits for it must dial again
    },
    close() {
      cut();
      server.close();
    },
  };
}

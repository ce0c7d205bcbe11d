import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import type { OauthServer } from '../oauth2.ts';

const PROGRAM = new URL('./program.ts', import.meta.url);

/** Starts another process of the same installation; gives where it listens. Ended after the tests. */
export async function startProcess(server: OauthServer, clients: readonly object[]): Promise<string> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  after(async () => {
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    await ended;
  });
  const secret = Buffer.from(server.secret).toString('base64');
  child.send({ url: server.database.url, secret, clients });
  const [address] = await once(child, 'message');
  return String(address);
}

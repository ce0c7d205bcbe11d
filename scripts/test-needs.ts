import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findPython } from '../test/python.ts';

/** What the tests need of the machine beyond `npm ci`: Debian's package, and how to see that it is there. */
const NEEDS: Record<string, () => boolean> = {
  'postgresql-15': () => existsSync('/usr/lib/postgresql/15/bin/initdb'),
  'postgresql-client-15': () => existsSync('/usr/lib/postgresql/15/bin/psql'),
  'python3-requests': () => hasPython('requests'),
  'python3-jwt': () => hasPython('jwt'),
  'python3-cryptography': () => hasPython('cryptography'),
  openssl: () => runs('openssl', 'version'),
  curl: () => runs('curl', '--version'),
  'util-linux': () => runs('setpriv', '--version') && runs('unshare', '--version'),
};

/** All of them in one Python, or this one in the system's, which is where apt puts it. */
const hasPython = (module: string) =>
  findPython('requests', 'jwt', 'cryptography') !== undefined ||
  runs('/usr/bin/python3', '-c', `import ${module}`);

const runs = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const missing = () => Object.keys(NEEDS).filter((name) => !NEEDS[name]?.());

/** Installs what is missing where that is possible (Debian, as root); else names it and gives false. */
export function provideNeeds(say: (text: string) => void): boolean {
  const wanted = missing();
  if (wanted.length === 0) return true;
  if (process.getuid?.() === 0 && runs('apt-get', '--version')) {
    say(`Installing ${wanted.join(' ')}`);
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...wanted);
  }
  const left = missing();
  if (left.length === 0) return true;
  say(`The tests need these, which are missing here: ${left.join(', ')}.`);
  say(
    `On Debian: apt-get install ${left.join(' ')}. To run some of the tests without them: npm test -- src/core`,
  );
  return false;
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stderr } = spawnSync('apt-get', args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) process.stderr.write(stderr);
}

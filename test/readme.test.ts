import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Trial, trialsOf, Values } from './readme.ts';
import { eventually, temporaryFolder } from './signet.ts';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const SHIPPED = ['bin', 'config', 'migrations', 'src', 'package.json', 'package-lock.json'];

/** A program at a terminal, or one whose input is written line by line. */
class Running {
  readonly #child: ChildProcess;
  readonly exited: Promise<unknown>;
  #text = '';

  constructor(program: string, words: string[], cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(program, words, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk) => (this.#text += chunk));
    this.#child.stderr?.on('data', (chunk) => (this.#text += chunk));
    this.exited = once(this.#child, 'close');
  }

  /** What it has printed, without colours and without npm's remarks on the machine. */
  get text(): string {
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
    return this.#text
      .replaceAll('\r\n', '\n')
      .replace(escapes, '')
      .replace(/^npm (?:warn|notice).*\n/gm, '');
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  end(): Promise<unknown> {
    this.#child.stdin?.end();
    return this.exited;
  }
}

/** A shell that commands are typed into, one after the other. */
class Shell {
  readonly #shell: Running;

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#shell = new Running('bash', ['--norc'], cwd, env);
    this.#shell.write('exec 2>&1\n');
  }

  /** What the command prints. */
  async type(line: string): Promise<string> {
    const before = this.#shell.text.length;
    this.#shell.write(`{ ${line}\n} </dev/null; printf '\\001\\n'\n`);
    const said = () => this.#shell.text.slice(before);
    await eventually(
      () => `${line} has ended; it says:\n${said()}`,
      () => said().includes('\u0001\n'),
      60_000,
    );
    return said().replace('\u0001\n', '');
  }

  end(): Promise<unknown> {
    return this.#shell.end();
  }
}

/** A port that is free now; the document names one, so the server must be told. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

test('every command of README prints what README shows, in a fresh copy of the repository', async (t) => {
  const folder = temporaryFolder();
  for (const name of SHIPPED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const port = await freePort();
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(SIGNET_|DATABASE_URL|NODE_|npm_)/.test(name),
  );
  const env = { ...Object.fromEntries(own), SIGNET_PORT: String(port) };
  const values = new Values();
  values.set('127.0.0.1:8080', `127.0.0.1:${port}`);
  values.set('/home/me/signet', folder);

  const [start, ...trials] = trialsOf(README) as [Trial, ...Trial[]];
  assert.ok(start.kind === 'command' && start.line === 'npm ci && npm start', 'it begins with the start');
  assert.ok(trials.length > 10, 'little is tried');
  const server = new Running('script', ['-qfec', 'npm start', '/dev/null'], folder, env);
  t.after(() => {
    server.write('\u0003');
    return server.exited;
  });
  await eventually(
    () => `README's start:\n${start.prints}\nreally:\n${server.text}`,
    () => {
      return values.match(start.prints, server.text);
    },
    60_000,
  );

  const shell = new Shell(folder, env);
  t.after(() => shell.end());
  for (const trial of trials) {
    if (trial.kind === 'file') {
      writeFileSync(join(folder, trial.name), values.fill(trial.content));
      continue;
    }
    const printed = await shell.type(values.fill(trial.line));
    const isSame = values.match(
      trial.prints,
      printed === '' || printed.endsWith('\n') ? printed : `${printed}\n`,
    );
    assert.ok(isSame, `${trial.line}\nREADME shows:\n${trial.prints}\nit prints:\n${printed}`);
  }
});

suite('README', () => {
  test('names the two commands, which are there', () => {
    assert.match(README, /^npm ci && npm start\nnpm ci && npm test$/m);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.ok(scripts.start && scripts.test);
  });

  test('links only to what is there', () => {
    const links = [...README.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, to = '']) => to);
    assert.ok(links.length > 5);
    const dead = links.filter((to) => !/^https?:/.test(to) && !existsSync(join(ROOT, to)));
    assert.deepEqual(dead, []);
  });
});

suite('what is compared', () => {
  const [id, other] = ['63251d1e-e3b0-45e0-b235-10c622073be7', '0bedab1f-a1d8-421a-b247-86eb2c82c884'];

  test('a value that differs from run to run is learned, and put into what follows', () => {
    const values = new Values();
    assert.equal(values.match(`id: ${id}\nagain: ${id}\n`, `id: ${other}\nagain: ${other}\n`), true);
    assert.equal(values.fill(`curl /${id}`), `curl /${other}`);
    assert.equal(values.match(`id: ${id}\n`, `id: ${id}\n`), false, 'the value of the other run');
  });

  test('anything else that differs is noticed', () => {
    const values = new Values();
    assert.equal(values.match('one\n…\nlast\n', 'one\ntwo\nthree\nlast\n'), true);
    assert.equal(values.match('{"a":"…","b":1}\n', '{"a":"x","b":1}\n'), true);
    assert.equal(values.match('{"a":"…","b":1}\n', '{"a":"x","b":2}\n'), false);
    assert.equal(values.match('one\n', 'one\ntwo\n'), false);
    assert.equal(values.match(`${id} ${id}\n`, `${id} ${other}\n`), false, 'one value, two values');
    assert.equal(values.match('', 'an error\n'), false);
  });
});

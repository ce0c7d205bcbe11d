import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findPython } from '../python.ts';
import { run } from '../signet.ts';

const HERE = import.meta.dirname;

/** What every program is told in its environment, besides its own. */
export interface Surroundings {
  /** Host and port, as settings.py has it. */
  readonly server: string;
  /** The secret that all clients of these tests have. */
  readonly secret: string;
  /** The certificate that programs trust. */
  readonly certificate: string;
  /** The folder that programs run in. */
  readonly folder: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

type Env = Readonly<Record<string, string>>;

/** The client programs, each a process that knows the server's address, its certificate and a secret, and no more. */
export function programs({ server, secret, certificate, folder }: Surroundings) {
  const python = findPython('requests', 'jwt', 'cryptography') ?? 'python3';
  const known = {
    PATH: process.env.PATH,
    SERVER: server,
    CLIENT_ID: 'myid.mysystem',
    CLIENT_SECRET: secret,
    ENCRYPTED_SECRET: Buffer.from(secret).toString('base64'),
    // requests, urllib (PyJWKClient) and curl each look for the authorities they trust in a place of their own.
    REQUESTS_CA_BUNDLE: certificate,
    SSL_CERT_FILE: certificate,
    CURL_CA_BUNDLE: certificate,
    PYTHONDONTWRITEBYTECODE: '1',
  };

  /** Runs a program and gives what it printed; when it fails, so does the test, with all that it said. */
  async function ran(program: string, words: readonly string[], env: Env): Promise<string> {
    const { code, stdout, stderr } = await run(program, words, { env: { ...known, ...env }, cwd: folder });
    assert.equal(code, 0, `${words[0]} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  const shell = (name: string, words: readonly string[], env: Env = {}) =>
    ran('/bin/sh', [join(HERE, 'curl', name), ...words], env);

  return {
    /** A script of the guide's worked example. */
    guide: (name: string, words: readonly string[] = [], env: Env = {}) =>
      ran(python, [join(HERE, 'guide', name), ...words], env),
    /** A Python program that checks for itself and fails when something is not as it must be. */
    async python(name: string, env: Env = {}): Promise<void> {
      await ran(python, [join(HERE, 'python', name)], env);
    },
    shell,
    /** A shell program around curl; gives the answer that curl printed. */
    curl: async (name: string, words: readonly string[], env: Env = {}) =>
      parseAnswer(await shell(name, words, env)),
  };
}

/** What `curl -i` prints: the head of the answer, an empty line, the body. */
function parseAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Headers(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: text.slice(end + 4) };
}

/** Checks that a token was given, and gives what was answered. */
export function granted({ status, headers, body }: Answer): { access_token: string; expires_in: number } {
  assert.equal(status, 200, body);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(headers.get('cache-control'), 'no-store');
  const token = JSON.parse(body);
  assert.deepEqual(Object.keys(token).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
  assert.equal(token.token_type, 'Bearer');
  assert.equal(token.scope, 'myid.rest.basic');
  return token;
}

/** A picture with every byte in it, big enough to come in several pieces: the smallest JPEG with a comment. */
export function picture(): Buffer {
  const smallest = Buffer.from(
    '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
    'base64',
  );
  const comment = Buffer.alloc(60_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(comment.length + 2, 2);
  return Buffer.concat([smallest.subarray(0, 2), head, comment, smallest.subarray(2)]);
}

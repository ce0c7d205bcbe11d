import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

/** One request and what must come back. */
export interface Exchange {
  name: string;
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: string;
  status: number;
  expectedHeaders: [name: string, value: string][];
  /** Undefined: not compared. Empty: the answer has no body. */
  expectedBody: string | undefined;
}

export interface Replayed {
  app: FastifyInstance;
  /** Access tokens by the name of their bearer: `Authorization: Bearer operator`. */
  token(name: string): string | undefined;
  /** Values that `{{name}}` stands for; those captured are added. */
  values: Map<string, string>;
}

/**
 * Replays a transcript, each exchange as a test of its heading's name, in order.
 *
 * An exchange is `### name`, a request as in HTTP, and the answer behind `<`: status, headers, an empty line, body.
 * In a body in JSON `*` stands for anything, also in a text; members that are not named are not compared, but `"...": false`
 * says that there are no others and `"!"` that the member is missing; a list that begins with `"..."` need only hold the
 * rest. `{{name}}` is a value known before, or is learnt where it stands alone. `< (empty)` is no body, `< base64 …` bytes.
 */
export function replay(file: URL, on: Replayed): void {
  suite(basename(fileURLToPath(file)), () => {
    for (const exchange of readTranscript(readFileSync(file, 'utf8'))) {
      test(exchange.name, () => play(exchange, on));
    }
  });
}

export function readTranscript(text: string): Exchange[] {
  const exchanges = text.split(/^### /m).slice(1).map(readExchange);
  assert.ok(exchanges.length > 0, 'a transcript without exchanges proves nothing');
  return exchanges;
}

function readExchange(text: string): Exchange {
  const [name = '', ...lines] = text.split('\n');
  const split = lines.findIndex((line) => line.startsWith('<'));
  assert.ok(split > 0, `${name}: no answer`);
  const request = lines.slice(0, split).filter((line, i, all) => i > 0 || line !== '' || all.length === 0);
  const [first = '', ...rest] = request.filter((line, i) => i > 0 || line.trim() !== '');
  const [, method = '', url = ''] = /^([A-Z]+) (\S+)$/.exec(first.trim()) ?? assert.fail(`${name}: ${first}`);
  const blank = rest.indexOf('');
  const head = blank === -1 ? rest : rest.slice(0, blank);
  const answer = lines
    .slice(split)
    .filter((line) => line.startsWith('<'))
    .map((line) => line.replace(/^< ?/, ''));
  const [status = '', ...answered] = answer;
  const body = answered.findIndex((line) => !/^[a-z][a-z-]*: /.test(line));
  const expected = body === -1 ? [] : answered.slice(body);
  return {
    name: name.trim(),
    method,
    url,
    headers: head.filter((line) => line !== '').map(readHeader),
    body:
      blank === -1
        ? ''
        : rest
            .slice(blank + 1)
            .join('\n')
            .trim(),
    status: Number(status),
    expectedHeaders: (body === -1 ? answered : answered.slice(0, body)).map(readHeader),
    expectedBody: expected.length === 0 ? undefined : expected.join('\n').trim(),
  };
}

function readHeader(line: string): [string, string] {
  const at = line.indexOf(': ');
  assert.ok(at > 0, `not a header: ${line}`);
  return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
}

async function play(exchange: Exchange, on: Replayed): Promise<void> {
  const filled = (text: string) => fill(text, on.values);
  const headers = Object.fromEntries(
    exchange.headers.map(([name, value]) => [
      name,
      name === 'authorization' ? bearer(filled(value), on) : filled(value),
    ]),
  );
  const answer = await on.app.inject({
    method: exchange.method as 'GET',
    url: filled(exchange.url),
    headers,
    ...(exchange.body && { payload: filled(exchange.body) }),
  });
  assert.equal(answer.statusCode, exchange.status, answer.body.slice(0, 2000));
  for (const [name, value] of exchange.expectedHeaders) {
    assert.match(String(answer.headers[name] ?? ''), glob(filled(value)), `header ${name}`);
  }
  if (exchange.expectedBody !== undefined)
    compare(answer.rawPayload, filled(exchange.expectedBody), on.values);
}

function bearer(value: string, on: Replayed): string {
  const [, name] = /^Bearer (.*)$/.exec(value) ?? [];
  return name === undefined ? value : `Bearer ${on.token(name) ?? name}`;
}

function compare(actual: Buffer, expected: string, values: Map<string, string>): void {
  if (expected === '(empty)') {
    assert.equal(actual.toString(), '');
  } else if (expected.startsWith('base64 ')) {
    assert.equal(actual.toString('base64'), expected.slice(7));
  } else if (/^[[{"]/.test(expected)) {
    const body: unknown = JSON.parse(actual.toString());
    const fault = mismatch(body, JSON.parse(expected), values, '$');
    if (fault) assert.fail(`${fault}\n${JSON.stringify(body, null, 2).slice(0, 4000)}`);
  } else {
    assert.match(actual.toString(), glob(expected));
  }
}

/** Where and how a value differs from the pattern; undefined when it does not. */
export function mismatch(
  actual: unknown,
  pattern: unknown,
  values: Map<string, string>,
  at: string,
): string | undefined {
  if (typeof pattern === 'string') return mismatchText(actual, pattern, values, at);
  if (Array.isArray(pattern)) return mismatchList(actual, pattern, values, at);
  if (typeof pattern !== 'object' || pattern === null) {
    return actual === pattern
      ? undefined
      : `${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(pattern)}`;
  }
  if (typeof actual !== 'object' || actual === null) return `${at} is ${JSON.stringify(actual)}, no object`;
  for (const [key, wanted] of Object.entries(pattern)) {
    if (key === '...') {
      const others = Object.keys(actual).filter((name) => !Object.hasOwn(pattern, name));
      if (others.length > 0) return `${at} also has ${others}`;
      continue;
    }
    const there = Object.hasOwn(actual, key);
    if (wanted === '!') {
      if (there) return `${at}.${key} is there`;
      continue;
    }
    if (!there) return `${at}.${key} is missing`;
    const fault = mismatch((actual as Record<string, unknown>)[key], wanted, values, `${at}.${key}`);
    if (fault) return fault;
  }
  return undefined;
}

function mismatchText(actual: unknown, pattern: string, values: Map<string, string>, at: string) {
  if (pattern === '*') return undefined;
  const [, name] = /^\{\{([\w-]+)\}\}$/.exec(pattern) ?? [];
  if (name !== undefined && !values.has(name)) {
    values.set(name, String(actual));
    return undefined;
  }
  if (typeof actual === 'string' && glob(fill(pattern, values)).test(actual)) return undefined;
  return `${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(pattern)}`;
}

function mismatchList(actual: unknown, pattern: unknown[], values: Map<string, string>, at: string) {
  if (!Array.isArray(actual)) return `${at} is no list`;
  if (pattern[0] === '...') {
    const missing = pattern
      .slice(1)
      .find((wanted) => !actual.some((entry) => matches(entry, wanted, values, at)));
    return missing === undefined ? undefined : `${at} does not hold ${JSON.stringify(missing)}`;
  }
  if (actual.length !== pattern.length) return `${at} has ${actual.length} entries, not ${pattern.length}`;
  for (const [i, wanted] of pattern.entries()) {
    const fault = mismatch(actual[i], wanted, values, `${at}[${i}]`);
    if (fault) return fault;
  }
  return undefined;
}

/** Learns values only from the entry that fits. */
function matches(entry: unknown, wanted: unknown, values: Map<string, string>, at: string): boolean {
  const learnt = new Map(values);
  if (mismatch(entry, wanted, learnt, at) !== undefined) return false;
  for (const [name, value] of learnt) values.set(name, value);
  return true;
}

const fill = (text: string, values: Map<string, string>): string =>
  text.replace(/\{\{([\w-]+)\}\}/g, (whole, name: string) => values.get(name) ?? whole);

/** `*` stands for any text. */
const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );

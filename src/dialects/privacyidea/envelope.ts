import { pid } from 'node:process';
import type { Answer } from '#http/dialect.ts';

/** The version that is reported; clients read fields, not this. */
const VERSION = '3.13.3';

/** Adds `threadid` to a detail that says something, as every one has it; it means nothing. */
const withThread = (detail: object) => ({ ...detail, threadid: pid });

/** JSON with the members of every object in order of their names (contract 1.1). */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, member) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What a request has come to. `id` is 2 on POST /auth and all of /validate, else 1. */
export function success(value: unknown, more: { id?: 1 | 2; detail?: object; status?: number } = {}): Answer {
  const { id = 1, detail, status = 200 } = more;
  return answer(status, {
    id,
    jsonrpc: '2.0',
    result: { status: true, value },
    time: Date.now() / 1000,
    version: `privacyIDEA ${VERSION}`,
    versionnumber: VERSION,
    ...(detail && { detail: withThread(detail) }),
  });
}

/** Statuses whose messages carry the bare sentence; all others begin with their code (contract 1.2). */
const BARE: ReadonlySet<number> = new Set([401, 403, 404, 501]);

/** A refusal. `detail` is null unless there is something to say. */
export function failure(
  status: number,
  code: number,
  sentence: string,
  detail: object | null = null,
): Answer {
  const message = BARE.has(status) || code < 0 ? sentence : `ERR${code}: ${sentence}`;
  return answer(status, {
    detail: detail && Object.keys(detail).length > 0 ? withThread(detail) : detail,
    id: 1,
    jsonrpc: '2.0',
    result: { error: { code, message }, status: false },
    time: Date.now() / 1000,
    version: `privacyIDEA ${VERSION}`,
  });
}

const answer = (status: number, body: object): Answer => ({
  status,
  body: sortedJson(body),
  type: 'application/json',
});

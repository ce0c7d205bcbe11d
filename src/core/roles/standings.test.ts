import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Sql } from '#core/context.ts';
import { server } from '#test/server.ts';
import { createStandings } from './standings.ts';

const { services, actor, ctx } = await server();
const { sql } = services;

/** The session of someone new, and the person. */
async function signedIn(name: string) {
  const personId = await actor(name, {});
  const [row] = await sql<{ id: string }>`select id from logon where person_id = ${personId}`;
  return { personId, bearer: { sessionId: row?.id ?? '', revocationIds: [`jti:${name}`, `grant:${name}`] } };
}

/** Statements that are run, and then counted; their answers wait until they are let go. */
function held(under: Sql) {
  let gate = Promise.withResolvers<void>();
  let answered = 0;
  const late = (async (strings: TemplateStringsArray, ...values: []) => {
    const { promise } = gate;
    const rows = await under(strings, ...values);
    answered++;
    await promise;
    return rows;
  }) as unknown as Sql;
  return {
    late,
    answered: () => answered,
    letGo() {
      gate.resolve();
      gate = Promise.withResolvers();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await setImmediate()) {
    if (Date.now() > end) throw new Error('still not so after 20 s');
  }
}

suite('standings', () => {
  test('are told apart when they are read together', async () => {
    const [here, revoked, ended] = await Promise.all(['here', 'revoked', 'ended'].map(signedIn));
    assert.ok(here && revoked && ended);
    await sql`insert into revoked (id, until) values ('grant:revoked', ${new Date('2040-01-01')})`;
    await sql`update logon set ended_at = ${ctx.now} where id = ${ended.bearer.sessionId}`;
    const standingOf = createStandings(sql);
    const nobody = { sessionId: randomUUID(), revocationIds: [] };
    const first = standingOf(here.bearer); // the others have to wait for it
    const all = await Promise.all([here.bearer, revoked.bearer, ended.bearer, nobody].map(standingOf));
    assert.deepEqual(
      all.map((standing) => standing?.isLive),
      [true, false, false, undefined],
    );
    assert.equal((await first)?.isLive, true);
  });

  test('that are asked for while one is read are read next, all in one', async () => {
    const someone = await signedIn('someone');
    const other = await signedIn('other');
    const { late, answered, letGo } = held(sql);
    const standingOf = createStandings(late);
    const first = standingOf(someone.bearer);
    const more = [someone, other, someone, other].map(({ bearer }) => standingOf(bearer));
    await until(() => answered() === 1);
    letGo();
    await first;
    await until(() => answered() === 2);
    letGo();
    await Promise.all(more);
    assert.equal(answered(), 2);
  });

  test('are never older than the question', async () => {
    const { personId, bearer } = await signedIn('leaver');
    const { late, answered, letGo } = held(sql);
    const standingOf = createStandings(late);
    const before = standingOf(bearer);
    await until(() => answered() === 1);
    await sql`update person set is_enabled = false where id = ${personId}`;
    const after = standingOf(bearer);
    letGo();
    assert.equal((await before)?.isLive, true);
    await until(() => answered() === 2);
    letGo();
    assert.equal((await after)?.isLive, false);
  });

  test('that cannot be read fail for all who asked, and are read again for whoever asks next', async () => {
    const { bearer } = await signedIn('unlucky');
    let fails = true;
    const failing = ((strings: TemplateStringsArray, ...values: []) =>
      fails ? Promise.reject(new Error('away')) : sql(strings, ...values)) as unknown as Sql;
    const standingOf = createStandings(failing);
    const asked = [standingOf(bearer), standingOf(bearer), standingOf(bearer)];
    const settled = await Promise.allSettled(asked);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    fails = false;
    assert.equal((await standingOf(bearer))?.isLive, true);
  });
});

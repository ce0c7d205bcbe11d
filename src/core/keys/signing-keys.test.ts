import assert from 'node:assert/strict';
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { listen } from '#adapters/listen.ts';
import { openDatabase } from '#adapters/postgres.ts';
import type { Services } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { verifyJws } from '#standards/jose/signature.ts';
import { testDatabase } from '#test/database.ts';
import { createSigningKeys, SIGNING_KEYS_CHANNEL, type SigningKeys } from './signing-keys.ts';
import { createVault, masterKey } from './vault.ts';

const { url, db } = await testDatabase();
const DAY = 86_400_000;
const clock = { time: 0 };
const key = masterKey(randomBytes(32));
const vault = createVault({ current: () => key, find: (id) => (id === key.id ? key : undefined) });

function services(over: Pick<typeof db, 'sql' | 'begin'> = db): Services {
  const passwords = { hash: async () => '', verify: async () => false };
  return { sql: over.sql, begin: over.begin, vault, passwords, now: () => new Date(clock.time) };
}

const needs = { algorithms: ['RS256'], longestLifetime: 3600 } as const;
const kids = async (keys: SigningKeys) =>
  (await keys.forSigning(needs)).published.map((published) => published.kid);

beforeEach(async () => {
  clock.time = Date.parse('2026-03-01T00:00:00Z');
  await db.sql`delete from signing_key`;
});

test('the first need makes a key; its private part is sealed, and the audit knows of it', async () => {
  const set = await createSigningKeys(services()).forSigning(needs);
  const [made] = set.published;
  assert.equal(set.published.length, 1);
  assert.equal(set.signing.get('RS256'), made);

  const data = Buffer.from('data');
  const signature = await made?.sign(data);
  assert.ok(made && signature && verifyJws('RS256', made.publicKey, data, signature));

  const [row] = await db.sql<{ sealedPrivate: Buffer }>`select sealed_private from signing_key`;
  const der = { key: row?.sealedPrivate as Buffer, format: 'der', type: 'pkcs8' } as const;
  assert.throws(() => createPrivateKey(der));
  assert.doesNotThrow(() =>
    createPrivateKey({ ...der, key: Buffer.from(vault.unseal(der.key, `signing-key:${made.kid}`)) }),
  );
  const [event] = await db.sql`
    select operation, target_id from audit_event where target_id = ${made.kid}`;
  assert.deepEqual(event, { operation: 'key.created', targetId: made.kid });
});

test('the id of a key is its RFC 7638 thumbprint', async () => {
  const [made] = (await createSigningKeys(services()).forSigning(needs)).published;
  assert.ok(made?.publicJwk.kty === 'RSA');
  const members = `{"e":"${made.publicJwk.e}","kty":"RSA","n":"${made.publicJwk.n}"}`;
  assert.equal(made.kid, createHash('sha256').update(members).digest('base64url'));
});

test('processes that start at once on an empty database make one key of each algorithm', async () => {
  const both = { ...needs, algorithms: ['RS256', 'ES256'] as const };
  const databases = Array.from({ length: 4 }, () => openDatabase({ url, max: 2 }));
  const sets = await Promise.all(databases.map((each) => createSigningKeys(services(each)).forSigning(both)));
  const made = sets.map(({ signing }) => [signing.get('RS256')?.kid, signing.get('ES256')?.kid]);
  assert.deepEqual(
    made,
    made.map(() => made[0]),
  );
  const [count] = await db.sql<{ keys: number }>`select count(*) as keys from signing_key`;
  assert.equal(count?.keys, 2);
  await Promise.all(databases.map((each) => each.close()));
});

test('the next key is published before it signs, the old one until its last token has expired', async () => {
  const keys = createSigningKeys(services());
  const [first] = await kids(keys);

  clock.time += 84 * DAY;
  await keys.maintain();
  const [, second] = await kids(keys);
  assert.ok(second);
  assert.equal((await keys.forSigning(needs)).signing.get('RS256')?.kid, first);

  clock.time += 6 * DAY;
  assert.equal((await keys.forSigning(needs)).signing.get('RS256')?.kid, second);
  assert.deepEqual(await kids(keys), [first, second]);

  clock.time += 3600 * 1000;
  assert.deepEqual(await kids(keys), [second]);
  await keys.maintain();
  const rows = await db.sql<{ kid: string }>`select kid from signing_key`;
  assert.deepEqual(rows, [{ kid: second }]);
  const [event] = await db.sql`
    select target_id from audit_event where operation = 'key.retired' order by id desc limit 1`;
  assert.equal(event?.targetId, first);
});

test('a client with longer tokens keeps the present key published for longer', async () => {
  const keys = createSigningKeys(services());
  const [first] = await kids(keys);
  await keys.forSigning({ ...needs, longestLifetime: 10 * 86_400 });
  clock.time += 95 * DAY;
  assert.ok((await kids(keys)).includes(first ?? ''));
});

test('after a stop of years there is a key that signs at once', async () => {
  await createSigningKeys(services()).forSigning(needs);
  clock.time += 1000 * DAY;
  const set = await createSigningKeys(services()).forSigning(needs);
  assert.ok(set.signing.get('RS256'));
  assert.equal(set.published.length, 1);
});

test('the set stays the same object until something in it changes', async () => {
  const keys = createSigningKeys(services());
  const set = await keys.forSigning(needs);
  clock.time += DAY;
  await keys.refresh(0);
  assert.equal(await keys.forSigning(needs), set);
  clock.time += 84 * DAY;
  await keys.maintain();
  assert.notEqual(await keys.forSigning(needs), set);
});

test('a key that another process has made is used, not made again', async () => {
  const [one, other] = [createSigningKeys(services()), createSigningKeys(services())];
  const both = { ...needs, algorithms: ['RS256', 'ES256'] as const };
  await other.forSigning(needs);
  const made = (await one.forSigning(both)).signing.get('ES256');
  assert.equal((await other.forSigning(both)).signing.get('ES256')?.kid, made?.kid);
  assert.ok(made);
});

test('a key of another process is found by its id', async () => {
  const [one, other] = [createSigningKeys(services()), createSigningKeys(services())];
  await Promise.all([one.forSigning(needs), other.forSigning(needs)]);
  const es = (await one.forSigning({ ...needs, algorithms: ['ES256'] })).signing.get('ES256');
  // The other looks at most once a second.
  const deadline = performance.now() + 10_000;
  let found = await other.find(es?.kid ?? '');
  while (!found && performance.now() < deadline) found = await other.find(es?.kid ?? '');
  assert.equal(found?.kid, es?.kid);
  assert.equal(await other.find('no-such-key'), undefined);
});

test('processes hear of a new key when it is committed', async () => {
  const told = Promise.withResolvers<string>();
  const listener = listen(url, { [SIGNING_KEYS_CHANNEL]: told.resolve });
  await listener.ready;
  await createSigningKeys(services()).forSigning(needs);
  assert.equal(await told.promise, '');
  await listener.close();
});

test('without the master key the published keys are told, and signing is refused', async () => {
  await createSigningKeys(services()).forSigning(needs);
  const stranger = createVault({ current: () => key, find: () => undefined });
  const set = await createSigningKeys({ ...services(), vault: stranger }).forSigning(needs);
  assert.equal(set.published.length, 1);
  await assert.rejects(
    async () => set.published[0]?.sign(Buffer.from('data')),
    (error) => error instanceof DomainError && error.code === 'key.unknown',
  );
});

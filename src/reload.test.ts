import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openKeyStore } from '#adapters/master-key.ts';
import { type Asked, askProcesses, LISTENER_NAME } from '#adapters/reload-call.ts';
import { openMasterKeys } from '#core/keys/master-keys.ts';
import { testDatabase } from '#test/database.ts';
import { listenForReload, type ReloadHandler } from './reload.ts';

const { db, url } = await testDatabase();
const environment = (...keys: Buffer[]) =>
  openKeyStore('/nowhere', { SIGNET_MASTER_KEY: keys.map((key) => key.toString('base64')).join(',') });
const [one, two] = [randomBytes(32), randomBytes(32)];
const failures: unknown[] = [];

/** A process that listens, for the length of a test. */
async function startProcess(handler: ReloadHandler, store = environment(one)) {
  const keys = await openMasterKeys({ ...db, now: () => new Date() }, store);
  const listener = listenForReload(db, handler, { keys, onFailure: (error) => failures.push(error) });
  await listener.ready;
  return listener;
}

const sound: ReloadHandler = async () => ({ ok: true, faults: [] });
const faultsOf = ({ answers }: Asked) => answers.flatMap((answer) => answer.faults);

test('nobody answers where nobody listens, and that is known at once', async () => {
  assert.deepEqual(await askProcesses(url, { service: 'rest.core' }), { answers: [], silent: 0 });
});

test('every process is asked for the service that is meant, and each answers', async () => {
  const asked: string[] = [];
  const handler: ReloadHandler = async (service) => {
    asked.push(service);
    return sound(service);
  };
  const processes = [await startProcess(handler), await startProcess(handler), await startProcess(handler)];
  const { answers, silent } = await askProcesses(url, { service: 'web.oauth2' });
  assert.deepEqual(asked, ['web.oauth2', 'web.oauth2', 'web.oauth2']);
  assert.deepEqual({ answers: answers.length, silent }, { answers: 3, silent: 0 });
  for (const process of processes) await process.close();
});

test('the faults that a process found come back, and so does a failure to look', async () => {
  const broken = await startProcess(async () => ({ ok: false, faults: ['a.json:3:4: no', 'b.json: no'] }));
  assert.deepEqual(faultsOf(await askProcesses(url, { service: 'rest.core' })), [
    'a.json:3:4: no',
    'b.json: no',
  ]);
  await broken.close();
  const failing = await startProcess(() => Promise.reject(new Error('no such folder')));
  assert.deepEqual(faultsOf(await askProcesses(url, { service: 'rest.core' })), ['no such folder']);
  await failing.close();
  assert.equal(failures.length, 1);
});

test('more faults than a notification can carry are counted', async () => {
  const faults = Array.from({ length: 500 }, (_, i) => `file-${i}.json: a reason that is not short`);
  const process = await startProcess(async () => ({ ok: false, faults }));
  const told = faultsOf(await askProcesses(url, { service: 'rest.core' }));
  assert.equal(told[0], faults[0]);
  assert.match(told.at(-1) ?? '', /^… and \d+ more$/);
  await process.close();
});

test('a process that does not answer in time is counted, one that ends meanwhile is not waited for', async () => {
  const client = new pg.Client({
    connectionString: url,
    application_name: `${LISTENER_NAME}0123456789abcdef`,
  });
  await client.connect();
  assert.deepEqual(await askProcesses(url, { service: 'rest.core' }, 100), { answers: [], silent: 1 });
  const asking = askProcesses(url, { service: 'rest.core' }, 60_000);
  await client.end();
  assert.deepEqual(await asking, { answers: [], silent: 0 });
});

test('a process is asked for a master key, and says when it has it not', async () => {
  const process = await startProcess(sound, environment(one));
  const keys = environment(one, two).read();
  const ask = (id: string | undefined) => askProcesses(url, { service: 'keys', key: id as string });
  assert.deepEqual(faultsOf(await ask(keys[0]?.id)), []);
  const [fault] = faultsOf(await ask(keys[1]?.id));
  assert.match(
    fault ?? '',
    new RegExp(`^SIGNET_MASTER_KEY of .* does not hold the master key ${keys[1]?.id}$`),
  );
  await process.close();
});

test('a listener whose connection breaks comes back', async () => {
  const process = await startProcess(sound);
  after(() => process.close());
  await db.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and starts_with(application_name, $1)`,
    [LISTENER_NAME],
  );
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
    const { answers } = await askProcesses(url, { service: 'rest.core' });
    if (answers.length === 1) return;
  }
  assert.fail('it did not come back');
});

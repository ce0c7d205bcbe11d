import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, clientFile, newSecret, token } from '../api.ts';
import { command, eventually, newHome, signet, startSignet } from '../signet.ts';

const CLIENT = 'myid.mysystem';
const KILLS = 5;

/** Adds people, each as soon as the one before was answered, and remembers those that were acknowledged. */
class Adders {
  readonly acknowledged: string[] = [];
  readonly odd: string[] = [];
  readonly #loops: Promise<void>[];
  readonly #groupId: string;
  #aim: { url: string; bearer: string } | undefined;
  #next = 0;
  #stopped = false;

  constructor(groupId: string, count = 4) {
    this.#groupId = groupId;
    this.#loops = Array.from({ length: count }, () => this.#add());
  }

  aim(at: { url: string; bearer: string } | undefined): void {
    this.#aim = at;
  }

  async #add(): Promise<void> {
    while (!this.#stopped) {
      const at = this.#aim;
      if (!at) {
        await sleep(5);
        continue;
      }
      const logonName = `person.${this.#next++}`;
      const person = {
        logonName,
        name: { first: 'Added', last: 'In a hurry' },
        group: { id: this.#groupId },
      };
      const { status, body } = await call(at.url, at.bearer, 'People?confirm=false', {
        send: person,
        patient: false,
      });
      if (status === 200) this.acknowledged.push(logonName);
      // 503: of several processes, one may notice that the database ends before its own end comes.
      else if (status !== 0 && status !== 503) this.odd.push(`${status} ${body}`);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }
}

test('5 times kill -9 of the server while people are added: everyone acknowledged is there, once, and so is their audit', async (t) => {
  const { secret, hash } = newSecret();
  const home = newHome({
    [`web.oauth2/CustomClients/${CLIENT}.json`]: clientFile(CLIENT, 'api.external', hash),
  });
  const first = await startSignet(home);
  await command(
    home,
    ...['person', 'add', '--logon', 'api.external', '--first', 'External', '--last', 'API'],
    ...['--group', 'System Startup', '--role', 'Startup User:all'],
  );
  const groupId = (await command(home, 'group', 'add', '--name', 'Finance')).trim();
  const adders = new Adders(groupId);
  t.after(() => adders.stop());

  let server = first;
  let bearer = await token(server.url, CLIENT, secret);
  for (let kill = 0; kill < KILLS; kill++) {
    const before = adders.acknowledged.length;
    adders.aim({ url: server.url, bearer });
    await eventually('people are added', () => adders.acknowledged.length >= before + 25);
    await server.kill();
    adders.aim(undefined);
    server = await startSignet(home, {}, kill % 2 === 0 ? ['--workers', '2'] : []);
    // A token outlives its server, and so do the keys that it is signed with.
    assert.equal((await call(server.url, bearer, 'Groups?q=*')).status, 200);
    bearer = await token(server.url, CLIENT, secret);
  }
  await adders.stop();
  assert.deepEqual(adders.odd, []);

  const people = JSON.parse(await command(home, 'person', 'list', '--json')) as {
    logonName: string;
    id: string;
  }[];
  const stored = new Map(people.map(({ logonName, id }) => [logonName, id]));
  assert.equal(stored.size, people.length, 'somebody is there twice');
  assert.deepEqual(
    adders.acknowledged.filter((name) => !stored.has(name)),
    [],
  );

  const report = await command(home, 'audit', 'verify');
  assert.match(report, /^Audit +good$/m);
  const added = await addedInAudit(home);
  const unaudited = people.filter(({ logonName, id }) => logonName.startsWith('person.') && !added.has(id));
  assert.deepEqual(unaudited, [], 'a person is there without the event of their adding');
  assert.equal(await server.stop(), 0);
  assert.match(await command(home, 'audit', 'verify'), /^Audit +good$/m);
});

/** The ids of the people whose adding the audit tells. */
async function addedInAudit(home: string): Promise<Set<string>> {
  const lines = (await command(home, 'audit', 'export')).trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line)).map((line) => line.event ?? line.unsealed ?? {});
  const added = events.filter(({ operation }) => operation === 'person.added');
  return new Set(added.map(({ target, targetId }) => targetId ?? target?.id));
}

test('a second server on the same home is told who serves, and the first goes on', async () => {
  const home = newHome();
  const first = await startSignet(home);
  const { code, stdout, stderr } = await signet(home, ['serve']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.ok(stderr.includes(`process ${first.pid}, ${first.url}`), stderr);
  assert.match(await command(home, 'group', 'list'), /System Startup/);
  assert.equal(await first.stop(), 0);
});

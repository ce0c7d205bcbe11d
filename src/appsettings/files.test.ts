import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { SHIPPED, settingsHome, writeInto } from '#test/settings-home.ts';
import { loadOauth2Settings } from './oauth2-settings.ts';

const CLIENTS = 'web.oauth2/CustomClients';

function outcome(home: string, base = SHIPPED): string[] {
  const loaded = loadOauth2Settings(base, home);
  if ('settings' in loaded) return [...loaded.settings.clients.keys()].slice(2);
  return loaded.faults.map(({ code, file, reason }) => `${code} ${file.split('/').at(-1)} ${reason}`);
}

const clientFile = (id: string) => `{"ClientId": "${id}"}`;

test('a home folder that does not exist leaves the shipped settings as they are', (t) => {
  assert.deepEqual(outcome(join(settingsHome(t), 'absent')), []);
});

test('a missing shipped file is a fault', (t) => {
  const [fault] = outcome(settingsHome(t), settingsHome(t));
  assert.match(fault ?? '', /^file\.unreadable appsettings\.json/);
});

test('with a broken shipped file the faults of the others are told too', (t) => {
  const base = settingsHome(t, { 'web.oauth2/appsettings.json': '{' });
  const home = settingsHome(t, { [`${CLIENTS}/a.json`]: '[1' });
  assert.equal(outcome(home, base).length, 2);
});

suite('in a custom folder', () => {
  test('hidden files, other extensions and folders without one are passed over', (t) => {
    const home = settingsHome(t, {
      [`${CLIENTS}/a.json`]: clientFile('a'),
      [`${CLIENTS}/a.json.bak`]: 'x',
      [`${CLIENTS}/.#a.json`]: 'x',
      [`${CLIENTS}/README.md`]: 'x',
      [`${CLIENTS}/old/b.json`]: clientFile('b'),
    });
    assert.deepEqual(outcome(home), ['a']);
  });

  test('the order is that of the file names', (t) => {
    const home = settingsHome(t, {
      [`${CLIENTS}/b.json`]: clientFile('1'),
      [`${CLIENTS}/a.json`]: clientFile('2'),
    });
    assert.deepEqual(outcome(home), ['2', '1']);
  });

  test('links are followed, as mounted configuration needs', (t) => {
    const home = settingsHome(t, { 'elsewhere/a.json': clientFile('a') });
    mkdirSync(join(home, 'web.oauth2'));
    symlinkSync('../elsewhere', join(home, CLIENTS));
    symlinkSync('a.json', join(home, 'elsewhere', 'b.json'));
    const [fault] = outcome(home);
    assert.match(fault ?? '', /^identity\.duplicate b\.json/, 'both names were read');
  });
});

suite('what cannot be read is a fault with its path', () => {
  const cases: Record<string, (t: TestContext, home: string) => void> = {
    'a link that leads nowhere': (_t, home) => symlinkSync('absent', join(home, CLIENTS, 'a.json')),
    'a link to itself': (_t, home) => symlinkSync('a.json', join(home, CLIENTS, 'a.json')),
    'a folder with the name of a file': (_t, home) => mkdirSync(join(home, CLIENTS, 'a.json')),
    'a pipe, without waiting for it': (_t, home) => {
      execFileSync('mkfifo', [join(home, CLIENTS, 'a.json')]);
    },
  };
  for (const [title, prepare] of Object.entries(cases)) {
    test(title, (t) => {
      const home = settingsHome(t, { [`${CLIENTS}/b.json`]: clientFile('b') });
      prepare(t, home);
      const faults = outcome(home);
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', /^file\.unreadable a\.json /);
    });
  }

  test('a file where a folder belongs', (t) => {
    assert.match(
      outcome(settingsHome(t, { [CLIENTS]: '{}' }))[0] ?? '',
      /CustomClients .*not a directory \(ENOTDIR\)/,
    );
  });

  test('a file of more than a mebibyte', (t) => {
    const home = settingsHome(t, { [`${CLIENTS}/a.json`]: `${clientFile('a')}${' '.repeat(1024 * 1024)}` });
    assert.match(outcome(home)[0] ?? '', /^file\.too_large a\.json/);
  });
});

test('names match in any case, and two that differ in nothing else are refused', (t) => {
  const home = settingsHome(t, {
    'web.oauth2/appsettings.production.json': '{"Clients": [{}, {}, {"ClientId": "a"}]}',
  });
  assert.deepEqual(outcome(home), ['a']);
  renameSync(
    join(home, 'web.oauth2/appsettings.production.json'),
    join(home, 'web.oauth2/AppSettings.Production.json'),
  );
  assert.deepEqual(outcome(home), ['a']);
  writeInto(home, 'web.oauth2/appsettings.Production.json', '{}');
  assert.match(outcome(home)[0] ?? '', /^file\.ambiguous/);
});

test('an appsettings.json in the home folder is told not to be read', (t) => {
  const loaded = loadOauth2Settings(SHIPPED, settingsHome(t, { 'web.oauth2/appsettings.json': 'anything' }));
  assert.ok('settings' in loaded);
  assert.deepEqual(
    loaded.notices.map(({ code }) => code),
    ['file.unread'],
  );
});

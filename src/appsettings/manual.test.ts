import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SHIPPED, settingsHome } from '#test/settings-home.ts';
import { keyTable, withTables } from './manual.ts';
import { loadOauth2Settings, OAUTH2_FIELDS } from './oauth2-settings.ts';

const manual = readFileSync(join(import.meta.dirname, '../../docs/configuration-files.md'), 'utf8');

test('docs/configuration-files.md has every key and code as the services know them', () => {
  assert.equal(withTables(manual), manual);
});

test('a table that has become stale is written anew', () => {
  const stale = manual
    .replace('`Clients[].AllowOfflineAccess`', '`Clients[].AllowOffline`')
    .replace('`key.missing`', '');
  assert.notEqual(stale, manual);
  assert.equal(withTables(stale), manual);
});

test('a key of a nested object stands with its path', () => {
  const lines = keyTable(OAUTH2_FIELDS).split('\n');
  assert.ok(
    lines.includes(
      '| `Clients[].AccessTokenLifetime` | seconds | `3600` | How long an access token is good. |',
    ),
  );
  assert.ok(
    lines.some((line) => line.startsWith('| `Clients[].ClientSecrets[].Value` | base64 of a SHA-256')),
  );
});

test('a manual without a place for a table is an error', () => {
  assert.throws(() => withTables('# Manual'), /no place for the faults/);
});

test('the examples of the manual work', (t) => {
  const hash = 'kv31VP5z/oKS0QMMaIfZ2UrhmQOdGAPpXV/vaF1cymk=';
  const examples = [...manual.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) =>
    text.replace(/<SHA256.*?>/, hash),
  );
  const [production = '', system = '', website = ''] = examples;
  const loaded = loadOauth2Settings(
    SHIPPED,
    settingsHome(t, {
      'web.oauth2/appsettings.Production.json': production,
      'web.oauth2/CustomClients/myid.mysystem.json': system,
      'web.oauth2/CustomClients/myid.mywebsite.json': website,
    }),
  );
  assert.ok('settings' in loaded, JSON.stringify(loaded));
  assert.deepEqual([...loaded.settings.clients.keys()].slice(2), ['myid.mysystem', 'myid.mywebsite']);
  assert.deepEqual(loaded.notices, []);
});

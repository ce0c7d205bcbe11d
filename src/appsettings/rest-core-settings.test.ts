import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHIPPED, settingsHome } from '#test/settings-home.ts';
import { loadRestCoreSettings } from './rest-core-settings.ts';

const DEFAULTS = {
  generateDocumentation: true,
  documentErrorCodes: false,
  documentMIReports: true,
  allowTestFromDocumentation: false,
  showPermissions: false,
  orderAlphabetically: true,
};

test('the shipped settings are the defaults', (t) => {
  const shipped = loadRestCoreSettings(SHIPPED, settingsHome(t));
  const empty = loadRestCoreSettings(
    settingsHome(t, { 'rest.core/appsettings.json': '{}' }),
    settingsHome(t),
  );
  assert.deepEqual(shipped, {
    settings: { swaggerApiDocumentation: DEFAULTS, corsOrigins: new Set() },
    notices: [],
  });
  assert.deepEqual(empty, shipped);
});

test('the Production file changes what it names and nothing else', (t) => {
  const home = settingsHome(t, {
    'rest.core/appsettings.Production.json':
      '{"MyID": {"SwaggerApiDocumentation": {"GenerateDocumentation": "false", "showpermissions": true}}}',
  });
  const loaded = loadRestCoreSettings(SHIPPED, home);
  assert.ok('settings' in loaded);
  assert.deepEqual(loaded.settings.swaggerApiDocumentation, {
    ...DEFAULTS,
    generateDocumentation: false,
    showPermissions: true,
  });
});

test('MYID-C5 the sample with trailing commas of the guide (4.1.3) is accepted', (t) => {
  const sample = `{
  "MyID": {
    "Cors": {
      "AllowedOrigins": [
        "http://myexternalserver"
      ],
    },
  },
}
`;
  const loaded = loadRestCoreSettings(
    SHIPPED,
    settingsHome(t, { 'rest.core/appsettings.Production.json': sample }),
  );
  assert.ok('settings' in loaded);
  assert.deepEqual([...loaded.settings.corsOrigins], ['http://myexternalserver']);
});

test('custom folders belong to the other service', (t) => {
  const home = settingsHome(t, {
    'rest.core/CustomClients/a.json': 'broken',
    'web.oauth2/CustomClients/a.json': 'broken',
  });
  assert.ok('settings' in loadRestCoreSettings(SHIPPED, home));
});

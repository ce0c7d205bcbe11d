import type { Logger } from 'pino';
import { openHome } from '#adapters/home.ts';
import { openKeyStore } from '#adapters/master-key.ts';
import { passwordHasher } from '#adapters/passwords.ts';
import { openDatabase } from '#adapters/postgres.ts';
import { firstStart } from '#core/first-start.ts';
import { openMasterKeys } from '#core/keys/master-keys.ts';
import { createVault } from '#core/keys/vault.ts';
import type { Config } from './config.ts';
import { servicesOver, systemContext } from './services.ts';

/**
 * What a server does once at each start, before any process serves: opens or makes the master key, and gives a new
 * installation its built-in data and its first account. A random password is shown on standard error, never logged.
 */
export async function prepare({
  config,
  databaseUrl,
  log,
}: {
  config: Config;
  databaseUrl: string;
  log: Logger;
}) {
  const database = openDatabase({ url: databaseUrl, max: 2, applicationName: 'signet start' });
  try {
    const store = openKeyStore(openHome(config.SIGNET_HOME).folder, {
      SIGNET_MASTER_KEY: config.SIGNET_MASTER_KEY,
      SIGNET_MASTER_KEY_FILE: process.env.SIGNET_MASTER_KEY_FILE,
    });
    const keys = await openMasterKeys({ ...database, now: () => new Date() }, store);
    const services = servicesOver(database, createVault(keys), passwordHasher);
    const account = await firstStart(
      systemContext(services, 'signet serve'),
      config.SIGNET_BOOTSTRAP_PASSWORD,
    );
    if (!account) return;
    log.info({ account: account.logonName, masterKey: keys.current().id }, 'this is a new installation');
    const password = account.isGiven
      ? 'that of SIGNET_BOOTSTRAP_PASSWORD'
      : `${account.password}   (shown this once)`;
    process.stderr.write(`First account: ${account.logonName}\nPassword:      ${password}\n`);
  } finally {
    await database.close();
  }
}

import { openHome } from '#adapters/home.ts';
import { openKeyStore } from '#adapters/master-key.ts';
import { passwordHasher } from '#adapters/passwords.ts';
import { openDatabase } from '#adapters/postgres.ts';
import { createRefusals } from '#core/audit/audit.ts';
import { openMasterKeys } from '#core/keys/master-keys.ts';
import { createSigningKeys } from '#core/keys/signing-keys.ts';
import { createVault } from '#core/keys/vault.ts';
import { createActors } from '#core/roles/actors.ts';
import { createTokenVerifier } from '#core/sessions/access-tokens.ts';
import { authx } from '#dialects/authx/index.ts';
import { loginid } from '#dialects/loginid/index.ts';
import { myid } from '#dialects/myid/index.ts';
import { nevisidm } from '#dialects/nevisidm/index.ts';
import { privacyidea } from '#dialects/privacyidea/index.ts';
import { createServer, mount } from '#http/server.ts';
import { oauth2Service } from '#oidc/index.ts';
import { startBackground } from './background.ts';
import { trustedProxies } from './config.ts';
import { openConfiguration, SERVICES } from './configuration.ts';
import { listenForReload } from './reload.ts';
import type { App, StartApp } from './serve-app.ts';
import { metricsOfAll } from './serve-metrics.ts';
import { servicesOver } from './services.ts';

/** Puts one process together: database, keys, configuration, the five dialects, background work. The one place that knows all parts. */
export const startApp: StartApp = async ({ config, databaseUrl, log }): Promise<App> => {
  const home = openHome(config.SIGNET_HOME);
  const database = openDatabase({
    url: databaseUrl,
    max: config.SIGNET_DATABASE_CONNECTIONS,
    onError: (err) => log.warn({ err }, 'a connection to the database broke'),
  });
  const masterKeys = await openMasterKeys(
    { ...database, now: () => new Date() },
    openKeyStore(home.folder, { ...config, SIGNET_MASTER_KEY_FILE: process.env.SIGNET_MASTER_KEY_FILE }),
  );
  const services = servicesOver(database, createVault(masterKeys), passwordHasher);
  const configuration = openConfiguration(home.folder, log);
  const refusals = createRefusals((err) => log.error({ err }, 'a refusal could not be told to the audit'));
  const run = { services, actors: createActors(services), refusals };
  const signingKeys = createSigningKeys(services);
  const verify = createTokenVerifier({ keys: signingKeys, now: services.now });

  const ready = async () => void (await database.sql`select 1 as ready`);
  const server = createServer({
    logger: log,
    accessLog: config.SIGNET_LOG_LEVEL === 'debug' || config.SIGNET_LOG_LEVEL === 'trace',
    publicUrl: config.SIGNET_PUBLIC_URL,
    trustedProxies: trustedProxies(config),
    tls: tlsFiles(config),
    ready,
    pool: () => database.pool,
    metricsToken: config.SIGNET_METRICS_TOKEN,
    allMetrics: metricsOfAll(() => server.metrics.registry),
    clientIdentifierHeader: () => configuration.oauth2()?.clientIdentifierHeader ?? 'CLIENT_IDENTIFIER',
  });
  mount(server, [
    myid({ verify: (token) => verify(token, 'myid.rest'), run, settings: configuration.restCore }),
    oauth2Service({ ...run, keys: signingKeys, verify, settings: configuration.oauth2 }),
    privacyidea({ ready }),
    loginid({ allowedOrigins: () => [] }),
    authx(),
    nevisidm(),
  ]);

  const background = startBackground(services, refusals, signingKeys, log);
  const reloads = listenForReload(
    database,
    async (service) => {
      const faults = configuration.reload(service);
      return { ok: faults.length === 0, faults };
    },
    { keys: masterKeys, onFailure: (err) => log.warn({ err }, 'a reload could not be answered') },
  );
  return {
    listen: async () => {
      await server.listen({ host: config.SIGNET_HOST, port: config.SIGNET_PORT });
      return { url: server.listeningOrigin };
    },
    async close() {
      await server.close();
      await reloads.close();
      await background.stop();
      await database.close();
    },
    async reload(service) {
      if (service === undefined) server.reloadTls();
      return configuration.reload(SERVICES.find((name) => name === service));
    },
  };
};

function tlsFiles(config: { SIGNET_TLS_CERT?: string; SIGNET_TLS_KEY?: string }) {
  const { SIGNET_TLS_CERT: certFile, SIGNET_TLS_KEY: keyFile } = config;
  return certFile && keyFile ? { certFile, keyFile } : undefined;
}

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Static, type TSchema, Type } from 'typebox';
import Value from 'typebox/value';

const text = (description: string, more: object = {}) => Type.String({ description, minLength: 1, ...more });
const whole = (description: string, initial: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: initial, minimum, maximum });

/** What a deployment sets, and nothing else; docs/config.md is written from this. `secret` values are never shown. */
export const ConfigSchema = Type.Object({
  SIGNET_HOME: text('Folder of configuration, keys and data; made on the first start', {
    default: './signet-home',
  }),
  SIGNET_HOST: text('Address to listen on; 0.0.0.0 or :: for all', { default: '127.0.0.1' }),
  SIGNET_PORT: whole('Port to listen on; 0 for any free one', 8080, 0, 65_535),
  SIGNET_PUBLIC_URL: Type.Optional(
    text(
      'Our address as others see it, such as https://signet.example.com; without it, that of each request',
    ),
  ),
  SIGNET_TRUSTED_PROXIES: text(
    'Proxies whose X-Forwarded headers are believed: addresses, networks (10.0.0.0/8), loopback, linklocal, uniquelocal, or none',
    { default: 'loopback' },
  ),
  SIGNET_TLS_CERT: Type.Optional(text('File of the certificate chain (PEM); with it Signet speaks HTTPS')),
  SIGNET_TLS_KEY: Type.Optional(text('File of the private key of that certificate (PEM)')),
  SIGNET_WORKERS: whole('Processes that serve requests on the one port', 1, 1, 64),
  SIGNET_DATABASE_CONNECTIONS: whole('Database connections of each process at most', 10, 2, 200),
  SIGNET_DRAIN_SECONDS: whole('How long a stopping server waits for requests under way', 20, 0, 600),
  SIGNET_LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    description: 'What is logged',
    default: 'info',
  }),
  SIGNET_MASTER_KEY: Type.Optional(
    text('The key that wraps every stored secret; else keys/master.key of the home', { secret: true }),
  ),
  SIGNET_METRICS_TOKEN: Type.Optional(
    text('Bearer token by which others than this machine may read /metrics', { secret: true }),
  ),
  SIGNET_BOOTSTRAP_PASSWORD: Type.Optional(
    text('Password of the first account; else a random one, printed once', { secret: true }),
  ),
  DATABASE_URL: Type.Optional(
    text(
      'Your PostgreSQL (15 or later), as postgresql://user:password@host:5432/name; else the embedded one',
      { secret: true },
    ),
  ),
});

/** One flat object; its names are the environment's, so one search finds every use. */
export type Config = Readonly<Static<typeof ConfigSchema>>;

const PROPERTIES: Record<string, TSchema & { type?: string; secret?: boolean }> = ConfigSchema.properties;

/** The environment or a file it names does not hold a configuration that works. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join('; ')}`,
    );
    this.problems = problems;
  }
}

/**
 * Reads the environment once. `X_FILE` names a file that holds `X`; an empty value counts as none. All problems are
 * told together, as ConfigError.
 */
export function loadConfig(
  env: Record<string, string | undefined>,
  read: (path: string) => string = readText,
): Config {
  const problems: string[] = [];
  const given: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(PROPERTIES)) {
    const value = lookUp(name, env, read, problems);
    if (value !== undefined)
      given[name] = schema.type === 'integer' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  }
  const config = Value.Default(ConfigSchema, given) as Config;
  problems.push(...schemaProblems(config), ...ruleProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

const readText = (path: string) => readFileSync(path, 'utf8');

function lookUp(
  name: string,
  env: Record<string, string | undefined>,
  read: (path: string) => string,
  problems: string[],
) {
  const file = env[`${name}_FILE`];
  if (!file) return env[name] || undefined;
  if (env[name]) problems.push(`${name} and ${name}_FILE are both set`);
  try {
    return read(file).trimEnd() || undefined;
  } catch (error) {
    problems.push(`${name}_FILE cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

function schemaProblems(config: Config): string[] {
  const told = new Map<string, string>();
  for (const { instancePath, message } of Value.Errors(ConfigSchema, config)) {
    const name = instancePath.slice(1);
    if (!told.has(name)) told.set(name, `${name} ${message}${given(name, config)}`);
  }
  return [...told.values()];
}

function given(name: string, config: Config): string {
  if (PROPERTIES[name]?.secret) return '';
  const allowed = (PROPERTIES[name] as { enum?: string[] } | undefined)?.enum;
  return ` (it is ${JSON.stringify(config[name as keyof Config])}${allowed ? `; allowed: ${allowed.join(', ')}` : ''})`;
}

/** What a schema cannot say. */
function ruleProblems(config: Config): string[] {
  const problems: string[] = [];
  if ((config.SIGNET_TLS_CERT === undefined) !== (config.SIGNET_TLS_KEY === undefined)) {
    problems.push('SIGNET_TLS_CERT and SIGNET_TLS_KEY go together');
  }
  const publicUrl = config.SIGNET_PUBLIC_URL;
  if (publicUrl !== undefined && !isPublicUrl(publicUrl)) {
    problems.push(
      'SIGNET_PUBLIC_URL must be http or https, a host and no more than a path: https://signet.example.com',
    );
  }
  const database = config.DATABASE_URL;
  if (database !== undefined && !/^postgres(ql)?:\/\//.test(database))
    problems.push('DATABASE_URL must begin with postgresql://');
  for (const proxy of trustedProxies(config)) {
    if (!isProxy(proxy)) problems.push(`SIGNET_TRUSTED_PROXIES: ${proxy} is no address and no network`);
  }
  return problems;
}

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    !url.search &&
    !url.hash &&
    !url.username &&
    !url.password
  );
}

/** The list, for Fastify's `trustProxy`; empty for `none`. */
export function trustedProxies(config: Pick<Config, 'SIGNET_TRUSTED_PROXIES'>): string[] {
  const list = String(config.SIGNET_TRUSTED_PROXIES).split(',');
  return list.map((part) => part.trim()).filter((part) => part !== '' && part !== 'none');
}

function isProxy(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Names that look like ours and are not: a slip that would otherwise pass in silence. */
export function unknownNames(env: Record<string, string | undefined>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('SIGNET_') && !name.startsWith('SIGNET_TEST_'))
    .filter((name) => PROPERTIES[name.replace(/_FILE$/, '')] === undefined)
    .sort();
}

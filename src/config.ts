import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
/** A variable of the environment. Without a default it may be absent; a secret one is never shown. */
export type Variable = { readonly description: string; readonly secret?: true } & (
  | { readonly type: 'text'; readonly default?: string }
  | { readonly type: 'integer'; readonly default: number; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
);

const text = (description: string) => ({ type: 'text', description }) as const;
const secret = (description: string) => ({ type: 'text', description, secret: true }) as const;
const whole = (description: string, initial: number, minimum: number, maximum: number) =>
  ({ type: 'integer', description, default: initial, minimum, maximum }) as const;

/** What a deployment sets, and nothing else; docs/config.md is written from this. */
export const VARIABLES = {
  SIGNET_HOME: {
    ...text('Folder of configuration, keys and data; made on the first start'),
    default: './signet-home',
  },
  SIGNET_HOST: { ...text('Address to listen on; 0.0.0.0 or :: for all'), default: '127.0.0.1' },
  SIGNET_PORT: whole('Port to listen on; 0 for any free one', 8080, 0, 65_535),
  SIGNET_PUBLIC_URL: text(
    'Our address as others see it, such as https://signet.example.com; without it, that of each request',
  ),
  SIGNET_TRUSTED_PROXIES: {
    ...text(
      'Proxies whose X-Forwarded headers are believed: addresses, networks (10.0.0.0/8), loopback, linklocal, uniquelocal, or none',
    ),
    default: 'loopback',
  },
  SIGNET_TLS_CERT: text('File of the certificate chain (PEM); with it Signet speaks HTTPS'),
  SIGNET_TLS_KEY: text('File of the private key of that certificate (PEM)'),
  SIGNET_WORKERS: whole('Processes that serve requests on the one port', 1, 1, 64),
  SIGNET_DATABASE_CONNECTIONS: whole('Database connections of each process at most', 10, 2, 200),
  SIGNET_DRAIN_SECONDS: whole('How long a stopping server waits for requests under way', 20, 0, 600),
  SIGNET_LOG_LEVEL: {
    type: 'choice',
    description: 'What is logged',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
  },
  SIGNET_MASTER_KEY: secret('The key that wraps every stored secret; else keys/master.key of the home'),
  SIGNET_METRICS_TOKEN: secret('Bearer token by which others than this machine may read /metrics'),
  SIGNET_BOOTSTRAP_PASSWORD: secret('Password of the first account; else a random one, printed once'),
  DATABASE_URL: secret(
    'Your PostgreSQL (15 or later), as postgresql://user:password@host:5432/name; else the embedded one',
  ),
} as const satisfies Record<string, Variable>;

type Variables = typeof VARIABLES;
type Name = keyof Variables;
type Always = { [N in Name]: Variables[N] extends { default: unknown } ? N : never }[Name];
type ValueOf<V extends Variable> = V extends { choices: readonly (infer Choice)[] }
  ? Choice
  : V extends { type: 'integer' }
    ? number
    : string;

/** One flat object; its names are the environment's, so one search finds every use. */
export type Config = { readonly [N in Always]: ValueOf<Variables[N]> } & {
  readonly [N in Exclude<Name, Always>]?: string;
};

const NAMES = Object.keys(VARIABLES) as Name[];

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
  const given: Record<string, string | number> = {};
  for (const name of NAMES) {
    const variable: Variable = VARIABLES[name];
    const value = lookUp(name, env, read, problems);
    const found = value === undefined ? variable.default : readValue(name, value, problems);
    if (found !== undefined) given[name] = found;
  }
  const config = given as unknown as Config;
  problems.push(...ruleProblems(config));
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

function readValue(name: Name, value: string, problems: string[]): string | number {
  const variable: Variable = VARIABLES[name];
  const refuse = (what: string) => problems.push(`${name} must be ${what}${given(variable, value)}`);
  switch (variable.type) {
    case 'integer': {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      const { minimum, maximum } = variable;
      if (!(number >= minimum && number <= maximum)) refuse(`a whole number from ${minimum} to ${maximum}`);
      return number;
    }
    case 'choice':
      if (!variable.choices.includes(value)) refuse(`one of ${variable.choices.join(', ')}`);
      return value;
    case 'text':
      return value;
  }
}

const given = ({ secret }: Variable, value: string) => (secret ? '' : ` (it is ${JSON.stringify(value)})`);

/** What one variable alone does not tell. */
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
    .filter((name) => !NAMES.includes(name.replace(/_FILE$/, '') as Name))
    .sort();
}

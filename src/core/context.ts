import type { Actor } from '#core/roles/actor.ts';

/** A value that may stand in an SQL statement as a parameter; an array becomes a PostgreSQL array. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | undefined
  | readonly (string | number | boolean | Date | Uint8Array | null)[]
  | SqlJson;

/** Wraps a value for a json or jsonb column; made by `sql.json`. */
export class SqlJson {
  readonly text: string;
  constructor(value: unknown) {
    this.text = JSON.stringify(value);
  }
}

/** A statement, or a part of one. Awaited it runs and gives its rows; put into another it becomes part of that one. */
export interface SqlQuery<Row extends object> extends PromiseLike<Row[]> {
  readonly strings: readonly string[];
  readonly values: readonly (SqlValue | SqlQuery<object>)[];
}

/**
 * Writes SQL: every interpolated value becomes a parameter, never text. Columns come back in camelCase.
 * The statement is prepared under a name derived from its text.
 */
export interface Sql {
  <Row extends object = Record<string, unknown>>(
    strings: TemplateStringsArray,
    ...values: (SqlValue | SqlQuery<object>)[]
  ): SqlQuery<Row>;
  json(value: unknown): SqlJson;
  /** The same statement without a name: planned anew for its very values. For one that is written in many forms. */
  unprepared<Row extends object>(query: SqlQuery<Row>): SqlQuery<Row>;
}

/** The facts of the request that an audit event keeps. */
export interface Origin {
  /** The way in: a dialect's name, `oauth2`, `cli` or `system`. */
  readonly window: string;
  readonly requestId: string;
  readonly ip: string | null;
  readonly clientIdentifier: string | null;
}

/** Seals secrets under the master key before they are stored (AES-256-GCM; the sealed form names its key). */
export interface Vault {
  /** `purpose` is bound to the sealed value as associated data: `signing-key:<kid>`. */
  seal(plain: Uint8Array, purpose: string): Uint8Array;
  /** Throws `key.unknown` when the key is not at hand; any other fault is tampering and is thrown as a bug. */
  unseal(sealed: Uint8Array, purpose: string): Uint8Array;
}

/** Hashes low-entropy secrets (argon2id), off the event loop. */
export interface PasswordHasher {
  hash(secret: string): Promise<string>;
  /** Takes as long for a missing hash as for a wrong secret. */
  verify(hash: string | undefined, secret: string): Promise<boolean>;
}

/** What the process gives to every operation. */
export interface Services {
  readonly sql: Sql;
  readonly vault: Vault;
  readonly passwords: PasswordHasher;
  /** Runs `work` in one transaction. Retries it when PostgreSQL asks for that, so it must not act outside the database. */
  begin<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  now(): Date;
}

/** One operation's surroundings: who acts, when, from where, and the database. */
export interface Context {
  readonly sql: Sql;
  readonly services: Services;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly now: Date;
  /** True inside `transaction`. */
  readonly inTransaction: boolean;
}

/**
 * Runs `work` in one transaction, joining the one that is open. Open it as late as can be: never around argon2,
 * an outward call or a signature.
 */
export async function transaction<T>(ctx: Context, work: (tx: Context) => Promise<T>): Promise<T> {
  if (ctx.inTransaction) return work(ctx);
  return ctx.services.begin((sql) => work({ ...ctx, sql, inTransaction: true }));
}

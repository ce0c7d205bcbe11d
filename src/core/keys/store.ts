import type { Sql, SqlQuery } from '#core/context.ts';
import type { SealedColumn } from './sealed-columns.ts';
import { KEY_ID_IN_SEALED } from './vault.ts';

/** A master key as the database knows it: never the key itself. */
export interface KnownKey {
  id: string;
  /** A known text sealed under the key. */
  proof: Uint8Array;
  createdAt: Date;
  retiredAt: Date | null;
}

/** One start, rotation or removal at a time, over all processes; until the transaction ends. */
export async function lockMasterKeys(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(7364640)`;
}

/** The newest first. */
export async function findKnownKeys(sql: Sql): Promise<KnownKey[]> {
  return sql<KnownKey>`select id, proof, created_at, retired_at from master_key order by created_at desc, id`;
}

/** Adds the key as the newest, whatever the clocks of the hosts say. */
export async function insertKnownKey(sql: Sql, id: string, proof: Uint8Array, now: Date): Promise<void> {
  await sql`
    insert into master_key (id, proof, created_at)
    values (${id}, ${proof}, greatest(${now}, (select max(created_at) + interval '1 millisecond' from master_key)))`;
}

export async function retireKnownKeys(sql: Sql, ids: readonly string[], now: Date): Promise<void> {
  await sql`update master_key set retired_at = ${now} where id = any (${ids}::text[]) and retired_at is null`;
}

/** A sealed value, with the key of its row as text, where the row is, and what the value was sealed for. */
export interface SealedValue {
  key: string[];
  /** The row's `ctid`: good for as long as the row is not written. */
  place: string;
  sealed: Uint8Array;
  purpose: string;
}

/** The next values of a column, in the order of its key, that are sealed under another key than this one. */
export async function findSealedUnderOthers(
  sql: Sql,
  column: SealedColumn,
  keyId: string,
  after: readonly string[] | undefined,
  limit: number,
): Promise<SealedValue[]> {
  const keys = column.key.map((name) => word(sql, name));
  const asText = keys.map((key) => sql`${key}::text`);
  return sql<SealedValue>`
    select array[${comma(sql, asText)}] as key, ctid::text as place, ${word(sql, column.column)} as sealed,
      ${purpose(sql, column)} as purpose
    from ${word(sql, column.table)}
    where ${keyIdIn(sql, column)} <> decode(${keyId}, 'hex')
      and ${after ? sql`(${comma(sql, keys)}) > (${values(sql, after)})` : sql`true`}
    order by ${comma(sql, keys)}
    limit ${limit}`;
}

/** Puts values sealed anew in the place of the old ones; passes over those that were changed meanwhile. */
export async function replaceSealed(
  sql: Sql,
  column: SealedColumn,
  old: readonly SealedValue[],
  sealed: readonly Uint8Array[],
): Promise<void> {
  const places = old.map((value) => value.place);
  const before = old.map((value) => value.sealed);
  await sql`
    update ${word(sql, column.table)} row set ${word(sql, column.column)} = v.sealed
    from unnest(${places}::tid[], ${before}::bytea[], ${sealed}::bytea[]) as v (place, before, sealed)
    where row.ctid = v.place and row.${word(sql, column.column)} = v.before`;
}

/** How many values of a column are sealed under each key. */
export async function countSealed(sql: Sql, column: SealedColumn): Promise<{ id: string; count: number }[]> {
  return sql<{ id: string; count: number }>`
    select encode(${keyIdIn(sql, column)}, 'hex') as id, count(*) as count
    from ${word(sql, column.table)}
    where ${word(sql, column.column)} is not null
    group by 1`;
}

const keyIdIn = (sql: Sql, { column }: SealedColumn) =>
  sql`substring(${word(sql, column)} from ${KEY_ID_IN_SEALED.from}::int for ${KEY_ID_IN_SEALED.length}::int)`;

/** `signing-key:{kid}` becomes concat('signing-key:', kid). */
function purpose(sql: Sql, column: SealedColumn): SqlQuery<object> {
  const parts = column.purpose
    .split(/\{(\w+)\}/)
    .map((part, i) => (i % 2 === 1 ? word(sql, part) : sql`${part}::text`));
  return sql`concat(${comma(sql, parts)})`;
}

const values = (sql: Sql, given: readonly string[]) =>
  comma(
    sql,
    given.map((value) => sql`${value}`),
  );

function comma(sql: Sql, parts: readonly SqlQuery<object>[]): SqlQuery<object> {
  return parts.reduce((before, part) => sql`${before}, ${part}`);
}

/** A name out of the list of sealed columns as part of a statement; it is not data, so it cannot be a parameter. */
function word(sql: Sql, name: string): SqlQuery<object> {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`"${name}" is not a name of a table or column`);
  return sql([name] as unknown as TemplateStringsArray);
}

import type { Sql } from '#core/context.ts';

/** Rows a pass removes from each table at most, so that no statement runs long. */
const BATCH = 5_000;

/** Removes what has expired; gives how many rows went. Two processes that do it at once share the work. */
export async function removeExpired(
  sql: Sql,
  now: Date,
  keepLogonsFrom: Date,
  keepReadingsFrom: Date,
): Promise<number> {
  const [row] = await sql<{ removed: number }>`
    with
      tokens as (
        delete from revoked where id in (
          select id from revoked where until < ${now} limit ${BATCH} for update skip locked) returning 1),
      artifacts as (
        delete from oidc_artifact where (model, id) in (
          select model, id from oidc_artifact where expires_at < ${now} limit ${BATCH} for update skip locked) returning 1),
      logons as (
        delete from logon where id in (
          select id from logon where expires_at < ${keepLogonsFrom} limit ${BATCH} for update skip locked) returning 1),
      readings as (
        delete from report_reading where id in (
          select id from report_reading where read_at < ${keepReadingsFrom} limit ${BATCH} for update skip locked) returning 1),
      throttles as (
        delete from throttle where key in (
          select key from throttle where last_at < ${keepReadingsFrom} and (until is null or until < ${now})
          limit ${BATCH} for update skip locked) returning 1)
    select (select count(*) from tokens) + (select count(*) from artifacts) + (select count(*) from logons)
      + (select count(*) from readings) + (select count(*) from throttles) as removed`;
  return row?.removed ?? 0;
}

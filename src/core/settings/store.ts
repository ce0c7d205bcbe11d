import type { Sql } from '#core/context.ts';

export interface StoredSetting {
  name: string;
  value: string;
  changedBy: string;
  changedAt: Date;
}

export async function findSetting(sql: Sql, name: string): Promise<StoredSetting | undefined> {
  const [row] =
    await sql<StoredSetting>`select name, value, changed_by, changed_at from setting where name = ${name}`;
  return row;
}

export async function findSettings(sql: Sql): Promise<StoredSetting[]> {
  return sql<StoredSetting>`select name, value, changed_by, changed_at from setting order by name`;
}

export async function saveSetting(sql: Sql, s: StoredSetting): Promise<void> {
  await sql`
    insert into setting (name, value, changed_by, changed_at)
    values (${s.name}, ${s.value}, ${s.changedBy}, ${s.changedAt})
    on conflict (name) do update set value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at`;
}

export async function removeSetting(sql: Sql, name: string): Promise<void> {
  await sql`delete from setting where name = ${name}`;
}

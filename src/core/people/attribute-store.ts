import type { Sql } from '#core/context.ts';
import type { AttributeDefinition } from './attributes.ts';

export async function findDefinitions(sql: Sql): Promise<AttributeDefinition[]> {
  return sql<AttributeDefinition>`
    select name, label, description, type, required, max_length, pattern, choices
    from attribute_definition order by position, name`;
}

/** Adds the row; false when an attribute has the name, in any letter case. */
export async function insertDefinition(sql: Sql, d: AttributeDefinition, now: Date): Promise<boolean> {
  const rows = await sql`
    insert into attribute_definition (name, label, description, type, required, max_length, pattern, choices, position, created_at)
    select ${d.name}, ${d.label}, ${d.description}, ${d.type}, ${d.required}, ${d.maxLength}, ${d.pattern}, ${d.choices},
      (select coalesce(max(position), 0) + 1 from attribute_definition), ${now}
    on conflict do nothing
    returning name`;
  return rows.length === 1;
}

export async function deleteDefinition(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql`delete from attribute_definition where name = ${name} returning name`;
  return rows.length === 1;
}

/** Whether the whole text matches. Throws PostgreSQL's error for what is no regular expression. */
export async function matchesPattern(sql: Sql, text: string, pattern: string): Promise<boolean> {
  const [row] = await sql<{
    matches: boolean;
  }>`select ${text}::text ~ ('^(?:' || ${pattern}::text || ')$') as matches`;
  return row?.matches ?? false;
}

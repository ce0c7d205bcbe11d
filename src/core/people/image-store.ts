import type { Sql } from '#core/context.ts';
import { personWithin, type Reach } from '#core/roles/scope.ts';
import type { Image } from './images.ts';

export async function findImageOwner(sql: Sql, id: string, reach: Reach) {
  const [row] = await sql<{ logonName: string; isWithin: boolean }>`
    select p.logon_name, ${personWithin(sql, reach)} as is_within from person p where p.id = ${id}`;
  return row;
}

export async function findImage(sql: Sql, personId: string, field: string): Promise<Image | undefined> {
  const [row] = await sql<Image>`
    select media_type, bytes from person_image where person_id = ${personId} and field = ${field}`;
  return row;
}

export async function saveImage(
  sql: Sql,
  personId: string,
  field: string,
  image: Image,
  now: Date,
): Promise<void> {
  await sql`
    insert into person_image (person_id, field, media_type, bytes, changed_at)
    values (${personId}, ${field}, ${image.mediaType}, ${image.bytes}, ${now})
    on conflict (person_id, field) do update
    set media_type = excluded.media_type, bytes = excluded.bytes, changed_at = excluded.changed_at`;
}

import { record } from '#core/audit/audit.ts';
import { type Context, transaction } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { authorize, inScopeOrRefuse } from '#core/roles/authorize.ts';
import type { Reach } from '#core/roles/scope.ts';
import { settingValue } from '#core/settings/settings.ts';
import { findImage, findImageOwner, saveImage } from './image-store.ts';

/** The images a person has. */
export const IMAGE_FIELDS: readonly string[] = ['photo'];

export interface Image {
  /** As it was given. Only JPEG, PNG and GIF may be shown as what they claim to be. */
  mediaType: string;
  bytes: Uint8Array;
}

/** A person's image. Refuses `image.not_found` for a field that people do not have, and for one that is not set. */
export async function getImage(ctx: Context, personId: string, field: string): Promise<Image> {
  const reach = authorize(ctx.actor, 'image.view');
  const name = knownField(field);
  await refuseOutOfScope(ctx, personId, reach);
  const image = await findImage(ctx.sql, personId, name);
  if (!image) throw new DomainError('image.not_found');
  return image;
}

/** Sets a person's image, byte for byte. Refuses `image.empty` and what is larger than the setting allows. */
export async function setImage(ctx: Context, personId: string, field: string, image: Image): Promise<Image> {
  const reach = authorize(ctx.actor, 'image.set');
  const name = knownField(field);
  if (image.bytes.length === 0) throw new DomainError('image.empty', { field: 'image.data' });
  if (!/^[a-z]+\/[a-z0-9.+-]{1,100}$/i.test(image.mediaType))
    throw new DomainError('image.invalid', { field: 'image.mimetype' });
  if (image.bytes.length > Number(await settingValue(ctx.sql, 'Maximum Image Size'))) {
    throw new DomainError('request.too_large', { field: 'image.data' });
  }
  return transaction(ctx, async (tx) => {
    const person = await refuseOutOfScope(tx, personId, reach);
    await saveImage(tx.sql, personId, name, image, ctx.now);
    const details = { field: name, mediaType: image.mediaType, bytes: image.bytes.length };
    await record(tx, {
      operation: 'image.set',
      target: { kind: 'person', id: personId, name: person.logonName },
      details,
    });
    return image;
  });
}

function knownField(field: string): string {
  const name = field.toLowerCase();
  if (!IMAGE_FIELDS.includes(name)) throw new DomainError('image.not_found');
  return name;
}

async function refuseOutOfScope(ctx: Context, personId: string, reach: Reach) {
  const person = await findImageOwner(ctx.sql, personId, reach);
  if (!person) throw new DomainError('person.not_found');
  inScopeOrRefuse(person.isWithin);
  return person;
}

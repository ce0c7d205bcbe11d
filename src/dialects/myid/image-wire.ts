import { DomainError } from '#core/errors.ts';
import type { Image } from '#core/people/images.ts';
import { Bytes } from './call.ts';
import { type Fields, group, member } from './fields.ts';

/** What a browser may show as what it says it is; anything else is only bytes to it (contract 6.7). */
const SHOWN: Readonly<Record<string, string>> = {
  'image/jpeg': 'image/jpeg',
  'image/jpg': 'image/jpeg',
  'image/png': 'image/png',
  'image/gif': 'image/gif',
};

/** The image, byte for byte as it was given. */
export const toImage = ({ mediaType, bytes }: Image): Bytes =>
  new Bytes(SHOWN[mediaType.toLowerCase()] ?? 'application/octet-stream', bytes);

/** Base64 as RFC 4648 4 has it, with or without its padding, line ends between. */
function isBase64(data: string): boolean {
  if (!/^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/.test(data)) return false;
  const text = data.replace(/[\r\n]+/g, '');
  // Four characters are three bytes. One left over is none, and what is padded is padded to four.
  return text.endsWith('=') ? text.length % 4 === 0 : text.length % 4 !== 1;
}

export function fromImage(body: Fields): Image {
  const image = group(body, 'image');
  const [data, mediaType] = [member(image, 'data') ?? '', member(image, 'mimetype') ?? ''];
  if (data === '') throw new DomainError('image.empty', { field: 'image.data' });
  if (typeof data !== 'string' || !isBase64(data))
    throw new DomainError('image.invalid', { field: 'image.data' });
  if (typeof mediaType !== 'string') throw new DomainError('image.invalid', { field: 'image.mimetype' });
  return { bytes: Buffer.from(data, 'base64'), mediaType: mediaType.trim() };
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';
import { DomainError } from '#core/errors.ts';
import { KEY_BYTES, type MasterKey, masterKey } from '#core/keys/vault.ts';

/**
 * Master keys as text that can be kept apart from the server: on paper, in a safe, in a password manager. Comment lines
 * start with `#`; each other line is a key:
 *
 *     signet-master-key:1:<id>:plain:<key>
 *     signet-master-key:1:<id>:argon2id:<KiB>,<passes>,<lanes>:<salt>:<nonce, AES-256-GCM ciphertext, tag>
 *
 * in base64url. What stands before the last colon is associated data.
 */
export async function writeEscrow(
  keys: readonly MasterKey[],
  passphrase: string | undefined,
  now: Date,
): Promise<string> {
  const lines = [
    `# Signet master key, escrow copy of ${now.toISOString()}.`,
    '# Whoever has it can read every secret in the database: keep it apart from backups of the database.',
    passphrase === undefined
      ? '# It is not protected by a passphrase.'
      : '# It is protected by a passphrase, which is not stored anywhere.',
    '# To bring it back: signet keys import FILE',
  ];
  for (const key of keys) lines.push(await keyLine(key, passphrase));
  return `${lines.join('\n')}\n`;
}

/** RFC 9106 section 4, second recommendation: an escrow copy is opened rarely, so it may cost. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 4 };
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

async function keyLine(key: MasterKey, passphrase: string | undefined): Promise<string> {
  const start = `signet-master-key:1:${key.id}`;
  if (passphrase === undefined) return `${start}:plain:${base64(key.bytes)}`;
  const salt = randomBytes(16);
  const head = `${start}:argon2id:${COST.memoryCost},${COST.timeCost},${COST.parallelism}:${base64(salt)}`;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await wrappingKey(passphrase, salt, COST), nonce);
  cipher.setAAD(Buffer.from(head));
  const ciphertext = Buffer.concat([cipher.update(key.bytes), cipher.final()]);
  return `${head}:${base64(Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]))}`;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

const wrappingKey = (passphrase: string, salt: Uint8Array, cost: typeof COST) =>
  hashRaw(passphrase.normalize('NFKC'), { ...cost, salt, outputLen: KEY_BYTES });

/** Whether reading the copy takes a passphrase. */
export const isProtected = (text: string): boolean =>
  keyLines(text).some((line) => line.includes(':argon2id:'));

/** Reads an escrow copy. Refuses `escrow.unreadable` with the line at fault, and `escrow.passphrase_wrong`. */
export async function readEscrow(text: string, passphrase: string | undefined): Promise<MasterKey[]> {
  const lines = keyLines(text);
  if (lines.length === 0) throw new DomainError('escrow.unreadable', { detail: 'there is no key in it' });
  const keys: MasterKey[] = [];
  for (const line of lines) keys.push(await readLine(line, passphrase));
  return keys;
}

const keyLines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

const PLAIN = /^signet-master-key:1:([0-9a-f]{16}):plain:([\w-]{43})$/;
const WRAPPED =
  /^(signet-master-key:1:([0-9a-f]{16}):argon2id:(\d{1,7}),(\d{1,2}),(\d{1,2}):([\w-]{22})):([\w-]{80})$/;

async function readLine(line: string, passphrase: string | undefined): Promise<MasterKey> {
  const [, plainId, plain] = PLAIN.exec(line) ?? [];
  if (plain) return named(plainId, Buffer.from(plain, 'base64url'));
  const [, head = '', id, memory, passes, lanes, salt = '', sealed] = WRAPPED.exec(line) ?? [];
  if (!sealed)
    throw new DomainError('escrow.unreadable', { detail: `a line is damaged: ${line.slice(0, 36)}…` });
  const cost = { memoryCost: Number(memory), timeCost: Number(passes), parallelism: Number(lanes) };
  if (!isAffordable(cost))
    throw new DomainError('escrow.unreadable', {
      detail: `the cost ${memory},${passes},${lanes} is out of bounds`,
    });
  const key = await wrappingKey(passphrase ?? '', Buffer.from(salt, 'base64url'), cost);
  return named(id, open(key, Buffer.from(sealed, 'base64url'), head));
}

/** The figures come from the file: below these argon2 refuses, above them the machine would only be tied up. */
const isAffordable = ({ memoryCost, timeCost, parallelism }: typeof COST) =>
  parallelism >= 1 &&
  parallelism <= 16 &&
  timeCost >= 1 &&
  timeCost <= 20 &&
  memoryCost >= 8 * parallelism &&
  memoryCost <= 1_048_576;

function open(key: Uint8Array, sealed: Uint8Array, head: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(head));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    throw new DomainError('escrow.passphrase_wrong', { detail: 'Or the copy is damaged.' });
  }
}

function named(id: string | undefined, bytes: Uint8Array): MasterKey {
  const key = masterKey(bytes);
  if (key.id !== id)
    throw new DomainError('escrow.unreadable', { detail: `it says key ${id} but holds ${key.id}` });
  return key;
}

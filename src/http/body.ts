import { DomainError } from '#core/errors.ts';

/** Levels of objects and lists in one another; deeper ones are an attack on whoever walks them. */
const DEPTH = 64;

const invalid = (detail: string) => new DomainError('request.invalid', { detail });

/**
 * Decodes a body as its content type says: UTF-8, with or without a mark, unless a charset is named. Refuses bytes that
 * are not text of it.
 */
export function readText(bytes: Buffer, contentType: string | undefined): string {
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    throw invalid('The body is not text in its character set.');
  }
}

/** Reads JSON of a stranger. Refuses what is not JSON, nests too deeply or holds a NUL, which no column can keep. */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, so it goes nowhere.
    throw invalid('The body is not JSON.');
  }
  return safe(value);
}

/**
 * Checks a decoded value and takes `__proto__` members out of it, which would change the objects they are copied to.
 * Walks without recursion.
 */
export function safe(value: unknown): unknown {
  checkText(value);
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEPTH) throw invalid('The body nests too deeply.');
    const below: object[] = [];
    for (const object of level) {
      Reflect.deleteProperty(object, '__proto__');
      if (!Array.isArray(object)) Object.keys(object).forEach(checkText);
      for (const member of Array.isArray(object) ? object : Object.values(object)) {
        checkText(member);
        if (typeof member === 'object' && member !== null) below.push(member);
      }
    }
    level = below;
  }
  return value;
}

function checkText(value: unknown): void {
  if (typeof value === 'string' && value.includes('\0')) throw invalid('A text holds a NUL character.');
}

/** Reads a urlencoded form; of a repeated name the first counts. Without prototype, so any name is only a name. */
export function readForm(text: string): Record<string, string> {
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name.includes('\0') || value.includes('\0')) throw invalid('A field holds a NUL character.');
    form[name] ??= value;
  }
  return form;
}

/** The media type of a content type, in lower case and without parameters; '' when there is none. */
export function mediaType(contentType: string | undefined): string {
  return (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * Where the JSON string whose inside starts at `from` ends: at the first quote of its kind without an odd run of
 * backslashes before it. -1 when it does not end.
 */
export function endOfString(text: string, quote: string, from: number): number {
  for (let end = text.indexOf(quote, from); end !== -1; end = text.indexOf(quote, end + 1)) {
    let start = end;
    while (start > from && text[start - 1] === '\\') start--;
    if ((end - start) % 2 === 0) return end;
  }
  return -1;
}

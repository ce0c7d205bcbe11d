import fc from 'fast-check';

/** Texts that have broken things elsewhere. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  fc.constantFrom(
    '',
    ' ',
    '*',
    '%',
    '_',
    '\\',
    "'",
    '"',
    '\0',
    '\ud800',
    '\u202e',
    '{0}',
    '../..',
    "'; drop table person; --",
    '__proto__',
    'constructor',
    'null',
    'NaN',
    '1e999',
    '0x10',
    '-1',
    '1970-02-30',
    '9999999-01-01',
    'İıſßﬀ',
    'a'.repeat(5000),
    'é'.repeat(300),
    '='.repeat(100),
  ),
);

/** Any JSON value, small. */
export const anyJson = fc.oneof(
  hostileText,
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(hostileText, fc.integer()), { maxLength: 4 }),
  fc.dictionary(hostileText, hostileText, { maxKeys: 3 }),
  fc.object(),
);

/** Bodies that are no JSON, or JSON with a trap in it. */
export const broken = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ maxLength: 60 }),
  fc.constantFrom(
    '{',
    "{'a': 'b",
    '{"a":1}}',
    '{"__proto__": {"isAdmin": true}}',
    '{"name": {"__proto__": null}}',
    '['.repeat(20_000),
    '{"a":'.repeat(5_000),
    '"text"',
    '1e400',
    `{"logonName": "${'\\u0000'}"}`,
    '\ufeff{}',
    'logonName=x&name=y',
  ),
);

/** A body that would be good, with some of its members, at any depth, replaced or taken out. */
export const mutated = (good: () => object, values: fc.Arbitrary<unknown>) =>
  fc.array(fc.tuple(fc.nat(), fc.option(values, { nil: undefined })), { maxLength: 3 }).map((mutations) => {
    const body = structuredClone(good());
    for (const [choice, value] of mutations) {
      const places = placesIn(body);
      const [holder, key] = places[choice % places.length] ?? [body, 'name'];
      (holder as Record<string, unknown>)[key] = value;
    }
    return body;
  });

function placesIn(holder: object): [holder: object, key: string][] {
  return Object.entries(holder).flatMap(([key, value]) => [
    [holder, key] as [object, string],
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ]);
}

/** Milliseconds after which an answer that has not come is a hang. */
const PATIENCE = 10_000;

export async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PATIENCE);
  });
  try {
    return await Promise.race([answer, hang]);
  } finally {
    clearTimeout(timer);
  }
}

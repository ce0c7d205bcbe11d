/** Rows as aligned columns under their titles; the last column is not padded. Nothing at all for no rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [titles, ...rows.map((row) => row.map(oneLine))];
  const widths = titles.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === line.length - 1 ? cell : pad(cell, widths[i] as number)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Facts as `name  value` lines. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const widest = Math.max(...pairs.map(([name]) => width(name)));
  return pairs
    .map(([name, value]) => `${pad(name, widest)}  ${oneLine(value)}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

const pad = (text: string, to: number) => text + ' '.repeat(Math.max(0, to - width(text)));

/** What came from outside must not move the cursor or break the line; format characters can turn text round. */
const oneLine = (text: string) =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** East Asian letters take two columns, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const letter of text) columns += /\p{M}/u.test(letter) ? 0 : isWide(letter) ? 2 : 1;
  return columns;
}

const isWide = (letter: string) =>
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff01-\uff60]|\p{Emoji_Presentation}/u.test(
    letter,
  );

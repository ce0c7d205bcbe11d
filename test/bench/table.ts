/** One line of what was found out. */
export interface Row {
  what: string;
  /** What Signet does. */
  signet: string;
  /** What it is measured against, side by side in the same run. */
  reference: string;
  ratio?: number;
  aim?: Aim;
}

export interface Aim {
  limit: number;
  is: 'at least' | 'at most';
  unit?: string;
}

export const atLeast = (limit: number): Aim => ({ limit, is: 'at least' });
export const atMost = (limit: number, unit = ''): Aim => ({ limit, is: 'at most', unit });

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('nothing was measured');
  return (low + high) / 2;
}

/** The median of one figure of several runs. */
export const middle = <T>(runs: readonly T[], figure: (run: T) => number): number => median(runs.map(figure));

const HEAD = ['what', 'Signet', 'reference', 'ratio', 'aim', 'met'] as const;

/** The table as Markdown, which is readable on a terminal as well. */
export function written(rows: readonly Row[]): string {
  const lines = rows.map(({ what, signet, reference, ratio, aim }) => [
    what,
    signet,
    reference,
    ratio === undefined ? '' : number(ratio),
    aim ? `${aim.is} ${aim.limit}${aim.unit ?? ''}` : '',
    aim && ratio !== undefined ? (isMet(ratio, aim) ? 'yes' : 'no') : '',
  ]);
  const widths = HEAD.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(HEAD), rule, ...lines.map(line)].join('\n');
}

const isMet = (ratio: number, { limit, is }: Aim) => (is === 'at least' ? ratio >= limit : ratio <= limit);

/** With as many digits as say something. */
export function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

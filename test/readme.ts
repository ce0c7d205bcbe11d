/** A part of a document that can be tried: commands at a prompt with what they print, or a file. */
export type Trial =
  | { kind: 'command'; line: string; prints: string }
  | { kind: 'file'; name: string; content: string };

/** The trials of a Markdown text, in order: `console` blocks, and `json` blocks that follow the name of a file in backticks. */
export function trialsOf(markdown: string): Trial[] {
  const trials: Trial[] = [];
  for (const [, before = '', language, content = ''] of markdown.matchAll(
    /(?:^|\n)([^\n]*)\n+```(console|json)\n([\s\S]*?)```/g,
  )) {
    const name = [...before.matchAll(/`([^`]+)`/g)].at(-1)?.[1];
    if (language === 'json' && name) trials.push({ kind: 'file', name, content });
    if (language !== 'console') continue;
    for (const part of content.split(/^\$ /m).slice(1)) {
      const end = part.indexOf('\n');
      trials.push({ kind: 'command', line: part.slice(0, end), prints: part.slice(end + 1) });
    }
  }
  return trials;
}

/** What differs from run to run. */
const VOLATILE = [
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/, // ids and secrets
  /[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}/,
  /[A-Za-z0-9+/]{43}=/, // hashes in base64
  /(?:[a-z0-9]{4}-){5}[a-z0-9]{4}/, // passwords
  /\d+\.\d(?= s\b)/, // seconds
].map((each) => each.source);
const PART = new RegExp(`(${VOLATILE.join('|')}|^…\\n|…)`, 'm');

/** Remembers what this run printed where the document shows the value of another run, and puts it into what follows. */
export class Values {
  readonly #known = new Map<string, string>();

  /** To say beforehand what the document calls something. */
  set(shown: string, real: string): void {
    this.#known.set(shown, real);
  }

  /** The document's text with this run's values. */
  fill(text: string): string {
    let filled = text;
    for (const [shown, real] of this.#known) filled = filled.replaceAll(shown, real);
    return filled;
  }

  /**
   * True when the text is what the document shows, `…` standing for anything, and values that differ from run to run for
   * others of their kind. Learns those.
   */
  match(shown: string, real: string): boolean {
    const names: string[] = [];
    const pattern = this.fill(shown)
      .split(PART)
      .map((part, i) => {
        if (i % 2 === 0) return RegExp.escape(part);
        if (part === '…\n') return '(?:.*\\n)*?';
        if (part === '…') return '.*';
        if ([...this.#known.values()].includes(part)) return RegExp.escape(part);
        const seen = names.indexOf(part);
        if (seen >= 0) return `\\k<v${seen}>`;
        const kind = VOLATILE.find((each) => new RegExp(`^${each.replace(/\(\?= s\\b\)/, '')}$`).test(part));
        names.push(part);
        return `(?<v${names.length - 1}>${kind})`;
      });
    const found = new RegExp(`^${pattern.join('')}$`).exec(real);
    if (!found) return false;
    for (const [i, name] of names.entries()) this.#known.set(name, found.groups?.[`v${i}`] ?? '');
    return true;
  }
}

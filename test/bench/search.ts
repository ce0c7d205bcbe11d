import type { Ground, Installation, Program } from './installations.ts';
import type { Pace } from './pace.ts';
import { session, type Times } from './session.ts';
import { atMost, median, middle, number, type Row } from './table.ts';

/** Beginnings of words, from very common to absent. */
const PREFIXES = ['smi', 'j', 'mül', 'anna', 'maria.g', "o'b", 'kirk', 'stratenwick', 'zzzz'];
/** In the middle of words, the same way. */
const SUBSTRINGS = ['*son', '*mit', '*ann', '*ström', '*wood', '*ratenw', '*qqqq'];

/** Searches for people, one after the other. A page has 200 people at most. */
export async function search(ground: Ground, pace: Pace): Promise<Row[]> {
  const small = await ground.installation('small', pace.few);
  const big = await ground.installation('big', pace.many);
  const size = `${number(pace.many)} people`;
  const rows: Row[] = [];
  for (const [kind, terms, limit] of [
    ['prefix', PREFIXES, 3],
    ['substring', SUBSTRINGS, 30],
  ] as const) {
    const compare = (a: Searcher, b: Searcher) => sideBySide(a, b, terms, pace.searches);
    const sizes = await compare([big, 'all'], [small, 'all']);
    rows.push(row(`search by ${kind}: ${size} against ${number(pace.few)}`, sizes, limit));
    for (const [program, whom] of [
      ['company', 'half of all groups'],
      ['country', 'a tenth of them'],
      ['team', 'one group'],
    ] as const)
      rows.push(
        row(
          `search by ${kind}: scope of ${whom} against all`,
          await compare([big, program], [big, 'all']),
          1.3,
        ),
      );
  }
  return rows;
}

type Searcher = readonly [Installation, Program];
type Pair = readonly [Times, Times];

/** Each term for both, taking turns. */
async function sideBySide(
  a: Searcher,
  b: Searcher,
  terms: readonly string[],
  times: number,
): Promise<Pair[]> {
  const [first, second] = (await Promise.all(
    [a, b].map(async ([at, program]) => session(at, await at.token(program))),
  )) as [ReturnType<typeof session>, ReturnType<typeof session>];
  const pairs: Pair[] = [];
  for (const term of terms) {
    const path = `People?q=${encodeURIComponent(term)}`;
    pairs.push([await first.time(path, times), await second.time(path, times)]);
  }
  first.close();
  second.close();
  return pairs;
}

/** The ratio is the median over the terms of the CPU time that a search takes; the worst single term is told with it. */
function row(what: string, pairs: readonly Pair[], limit: number): Row {
  const ratios = pairs.map(([a, b]) => a.worked / b.worked);
  const told = (times: readonly Times[]) =>
    `${number(middle(times, (t) => t.worked))} ms CPU, ${number(middle(times, (t) => t.waited))} ms`;
  return {
    what,
    signet: told(pairs.map(([a]) => a)),
    reference: `${told(pairs.map(([, b]) => b))}; worst term ${number(Math.max(...ratios))}`,
    ratio: median(ratios),
    aim: atMost(limit),
  };
}

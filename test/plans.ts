import pg from 'pg';
import { tag } from '#adapters/sql-tag.ts';
import type { Sql } from '#core/context.ts';

/** A node of a plan, as `explain (format json)` tells it. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: PlanNode[];
}

export interface Explaining {
  sql: Sql;
  begin<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The nodes of all plans since it was asked last, by the statement they are of. */
  plans(): { text: string; nodes: PlanNode[] }[];
  close(): Promise<void>;
}

/**
 * One connection that asks for the plan of each statement before it runs it: of a prepared one the plan for any values,
 * which PostgreSQL goes over to after a few times, of another the one for its values.
 */
export async function explaining(url: string, settings: Record<string, string> = {}): Promise<Explaining> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // its database may be dropped before it is closed
  await client.connect();
  for (const [name, value] of Object.entries({ plan_cache_mode: 'force_generic_plan', ...settings }))
    await client.query(`set ${name} = ${pg.escapeLiteral(value)}`);
  let found: { text: string; nodes: PlanNode[] }[] = [];
  let prepared = 0;
  const explain = async (text: string, values: unknown[], isPrepared: boolean) => {
    if (!/^\s*(with|select|insert|update|delete)\b/i.test(text)) return;
    const name = `plan_${++prepared}`;
    if (isPrepared) await client.query(`prepare ${name} as ${text}`);
    const given = values.length > 0 ? `(${values.map(asLiteral).join(', ')})` : '';
    const { rows } = isPrepared
      ? await client.query(`explain (format json) execute ${name}${given}`)
      : await client.query({ text: `explain (format json) ${text}`, values });
    found.push({ text, nodes: nodesOf(rows[0]['QUERY PLAN'][0].Plan) });
  };
  // Statements sent together run one after the other here: the connection is asked twice for each.
  let last: Promise<unknown> = Promise.resolve();
  const sql = tag(({ name, text, values }) => {
    const run = last.then(async () => {
      await explain(text, values, name !== undefined);
      return client.query({ text, values, rowMode: 'array' });
    });
    last = run.catch(() => {});
    return run;
  });
  return {
    sql,
    async begin(work) {
      await client.query('begin');
      try {
        const result = await work(sql);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    plans() {
      const plans = found;
      found = [];
      return plans;
    },
    close: () => client.end(),
  };
}

function asLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value))
    return pg.escapeLiteral(`{${value.map((v) => (v === null ? 'null' : JSON.stringify(v))).join(',')}}`);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`;
  return pg.escapeLiteral(String(value));
}

const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type Sql, SqlJson, type SqlQuery, type SqlValue } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';

type Part = SqlValue | SqlQuery<object>;

export interface Statement {
  /** Absent for a statement that is planned anew each time. */
  name: string | undefined;
  text: string;
  values: unknown[];
}

/** Runs a statement and gives its rows as arrays. */
export type Runner = (statement: Statement) => Promise<pg.QueryArrayResult>;

/** Makes the `sql` tag over something that runs statements. */
export function tag(runner: Runner): Sql {
  const sql = <Row extends object>(strings: TemplateStringsArray, ...values: Part[]): SqlQuery<Row> =>
    new Query<Row>(runner, strings, values, true);
  return Object.assign(sql, {
    json: (value: unknown) => new SqlJson(value),
    unprepared: <Row extends object>({ strings, values }: SqlQuery<Row>): SqlQuery<Row> =>
      new Query<Row>(runner, strings, values, false),
  });
}

/**
 * A class for the sake of its private member: only what the tag made is ever written as SQL, an object of the same shape
 * in a request is not.
 */
class Query<Row extends object> implements SqlQuery<Row> {
  readonly strings: readonly string[];
  readonly values: readonly Part[];
  readonly #runner: Runner;
  readonly #isNamed: boolean;
  #started: Promise<Row[]> | undefined;

  constructor(runner: Runner, strings: readonly string[], values: readonly Part[], isNamed: boolean) {
    this.strings = strings;
    this.values = values;
    this.#runner = runner;
    this.#isNamed = isNamed;
  }

  static is(value: unknown): value is Query<object> {
    return typeof value === 'object' && value !== null && #runner in value;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting the statement is what runs it
  then<A = Row[], B = never>(
    resolve?: ((rows: Row[]) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#started ??= this.#run();
    return this.#started.then(resolve, reject);
  }

  async #run(): Promise<Row[]> {
    const values: unknown[] = [];
    const form = collect(this, forms, values);
    form.text ??= write(this, { count: 0 });
    if (this.#isNamed) form.name ??= nameOf(form.text);
    const { rows, fields } = await this.#runner({
      name: this.#isNamed ? form.name : undefined,
      text: form.text,
      values,
    }).catch(sayWhoAsked);
    form.blank ??= blankRow(fields.map((field) => field.name));
    return rows.map((cells) => toRow<Row>(form.blank as Blank, cells));
  }
}

/** The driver's own stack ends where bytes come in. */
function sayWhoAsked(error: unknown): never {
  if (error instanceof Error) Error.captureStackTrace(error);
  throw error;
}

/** How a statement is written. The templates it is made of, in their order, lead to it: the text need not be made again. */
interface Form {
  param?: Form;
  parts?: Map<readonly string[], Form>;
  text?: string;
  name?: string;
  blank?: Blank;
}

const forms: Form = {};
let formCount = 0;
const MOST_FORMS = 50_000;

/** Follows the statement through the forms, and collects its parameters. */
function collect(
  { strings, values: parts }: Pick<SqlQuery<object>, 'strings' | 'values'>,
  from: Form,
  values: unknown[],
): Form {
  from.parts ??= new Map();
  let form = from.parts.get(strings);
  if (!form) {
    form = newForm();
    if (formCount < MOST_FORMS) from.parts.set(strings, form);
  }
  for (const part of parts) {
    if (Query.is(part)) form = collect(part, form, values);
    else {
      values.push(toParameter(part as SqlValue));
      form = form.param ??= newForm();
    }
  }
  return form;
}

function newForm(): Form {
  formCount++;
  return {};
}

function write(
  { strings, values }: Pick<SqlQuery<object>, 'strings' | 'values'>,
  params: { count: number },
): string {
  let text = strings[0] ?? '';
  values.forEach((value, i) => {
    text += Query.is(value) ? write(value, params) : `$${++params.count}`;
    text += strings[i + 1] ?? '';
  });
  return text;
}

const nameOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 20);

/** A row without values, to be copied: objects that are made member by member become slow tables beyond a dozen. */
interface Blank {
  row: Record<string, unknown>;
  columns: string[];
}

function blankRow(names: readonly string[]): Blank {
  const members = names.map(camelCase);
  const row = JSON.parse(`{${members.map((member) => `${JSON.stringify(member)}:null`).join()}}`);
  // The very texts that the row has as keys are the ones that are found fastest.
  const keys = Object.keys(row);
  return { row, columns: members.map((member) => keys[keys.indexOf(member)] as string) };
}

function toRow<Row>({ row, columns }: Blank, cells: readonly unknown[]): Row {
  const made = { ...row };
  for (let i = 0; i < columns.length; i++) made[columns[i] as string] = cells[i];
  return made as Row;
}

const camelCase = (column: string) =>
  column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Types are not there when a request is read: what is none of SqlValue is refused, not guessed at by the driver. */
function toParameter(value: SqlValue): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (value instanceof SqlJson) return value.text;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  if (value instanceof Uint8Array) return asBuffer(value);
  if (Array.isArray(value)) return value.map(toParameter);
  throw new DomainError('request.invalid', { cause: new TypeError(`not a parameter: ${typeof value}`) });
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Half of a surrogate pair would be stored as another character in silence. */
function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new DomainError('request.invalid');
  return text;
}

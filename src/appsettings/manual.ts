import type { Fields } from './fields.ts';
import { FAULTS, NOTICES } from './findings.ts';
import { OAUTH2_FIELDS } from './oauth2-settings.ts';
import { REST_CORE_FIELDS } from './rest-core-settings.ts';

/** Fills the tables of docs/configuration-files.md, between their marks, from what the services read and report by. */
export function withTables(manual: string): string {
  const tables = {
    faults: codeTable(FAULTS),
    notices: codeTable(NOTICES),
    'keys of rest.core': keyTable(REST_CORE_FIELDS),
    'keys of web.oauth2': keyTable(OAUTH2_FIELDS),
  };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const start = `<!-- ${name}: written by npm run docs -->\n`;
    const end = '<!-- end -->';
    const from = text.indexOf(start);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`the manual has no place for the ${name}`);
    return `${text.slice(0, from)}${start}\n${table}\n${text.slice(to)}`;
  }, manual);
}

function codeTable(codes: Readonly<Record<string, string>>): string {
  return markdownTable([
    ['Code', 'Meaning'],
    ...Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning]),
  ]);
}

/** A row for every key, those of nested objects included. */
export function keyTable(fields: Fields): string {
  return markdownTable([['Key', 'Type', 'Default', 'Meaning'], ...rowsOf(fields, '')]);
}

function markdownTable([head = [], ...rows]: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}

function rowsOf(fields: Fields, path: string): string[][] {
  return Object.entries(fields).flatMap(([name, field]) => [
    [`\`${path}${name}\``, field.kind, field.fallback, field.meaning],
    ...rowsOf(field.inner ?? {}, `${path}${name}${field.isList ? '[]' : ''}.`),
  ]);
}

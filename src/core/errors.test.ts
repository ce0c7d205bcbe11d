import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { DomainError, ERRORS, type ErrorCode } from './errors.ts';

const sources = globSync('src/**/*.ts')
  .filter((file) => !file.endsWith('.test.ts') && file !== 'src/core/errors.ts')
  .map((file) => readFileSync(file, 'utf8'));
const migrations = globSync('migrations/*.sql').map((file) => readFileSync(file, 'utf8'));

/** Whether anything in the program refuses so: in words of its own, or by a constraint of that name. */
function isThrown(code: string): boolean {
  const named = new RegExp(`'${code.replaceAll('.', '\\.')}'`);
  return (
    sources.some((source) => named.test(source)) ||
    migrations.some((sql) => new RegExp(`\\b${code.replace('.', '_')}\\b`).test(sql))
  );
}

/** Every dialect can say it already; what throttles are kept for (people who sign in) is still to come. */
const TO_COME = ['request.throttled'];

suite('the catalogue of refusals', () => {
  test('holds none that nothing refuses with', () => {
    assert.ok(!isThrown('person.does_not_exist'));
    assert.deepEqual(
      Object.keys(ERRORS).filter((code) => !isThrown(code)),
      TO_COME,
    );
  });

  test('names each by a noun and a fault, in one sentence for people', () => {
    for (const [code, { message }] of Object.entries(ERRORS)) {
      assert.match(code, /^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
      assert.match(message, /^[A-Z].*[.]$/, code);
    }
  });

  test('is the whole manual page of errors, and the manual has no other', () => {
    const manual = readFileSync('docs/errors.md', 'utf8');
    const told = [...manual.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map((found) => found[1]);
    assert.deepEqual([...new Set(told)].toSorted(), Object.keys(ERRORS).toSorted());
  });

  test('says of an error what it is, and nothing that was not given', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new DomainError(code);
      assert.deepEqual(
        [error.code, error.kind, error.message, error.field, error.detail],
        [code, ERRORS[code].kind, ERRORS[code].message, undefined, undefined],
      );
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordHasher } from './passwords.ts';

test('a hash is argon2id at the cost we chose, salted', async () => {
  const [one, two] = await Promise.all([passwordHasher.hash('secret'), passwordHasher.hash('secret')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(one, two);
});

test('the right secret is told from a wrong one', async () => {
  const hash = await passwordHasher.hash('correct horse');
  assert.equal(await passwordHasher.verify(hash, 'correct horse'), true);
  assert.equal(await passwordHasher.verify(hash, 'correct house'), false);
  assert.equal(await passwordHasher.verify(hash, ''), false);
});

test('where there is no hash no secret is right', async () => {
  assert.equal(await passwordHasher.verify(undefined, ''), false);
  assert.equal(await passwordHasher.verify(undefined, 'correct horse'), false);
});

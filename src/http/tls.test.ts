import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { connect } from 'node:tls';
import { edge } from '#test/edge.ts';
import { listen, until } from '#test/raw.ts';
import { createServer } from './server.ts';

const FIXTURES = new URL('../../test/tls/', import.meta.url);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'signet-tls-'));
  after(() => rmSync(made, { recursive: true }));
  return made;
}

/** Puts a certificate and its key in place of the ones that are there, one after the other, as renewal does. */
function install(name: 'first' | 'renewed', into: string): void {
  for (const [from, to] of [
    [`${name}.crt`, 'server.crt'],
    [`${name}.key`, 'server.key'],
  ] as const) {
    cpSync(new URL(from, FIXTURES), join(into, `${to}.new`));
    renameSync(join(into, `${to}.new`), join(into, to));
  }
}

const filesIn = (home: string) => ({ certFile: join(home, 'server.crt'), keyFile: join(home, 'server.key') });

/** The name in the certificate that a new connection is shown. */
function shown(port: number, options: { maxVersion?: 'TLSv1.1' | 'TLSv1.2' } = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const old = options.maxVersion === 'TLSv1.1' && {
    minVersion: 'TLSv1' as const,
    ciphers: 'ALL:@SECLEVEL=0',
  };
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options, ...old }, () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}

suite('HTTPS', () => {
  test('takes up renewed files without a restart, and connections stay', async () => {
    const home = folder();
    install('first', home);
    const port = await listen(edge({ tls: filesIn(home) }));
    assert.equal(await shown(port), 'first.test');

    const kept = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    let answers = '';
    kept.on('data', (chunk) => {
      answers += chunk;
    });
    install('renewed', home);
    await until(async () => (await shown(port)) === 'renewed.test');
    kept.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => answers.includes('"ready"'));
    assert.match(answers, /strict-transport-security: max-age=/i);
    kept.destroy();
  });

  test('keeps the present certificate while the new files are not a pair', async () => {
    const home = folder();
    install('first', home);
    const app = edge({ tls: filesIn(home) });
    const port = await listen(app);
    cpSync(new URL('renewed.crt', FIXTURES), join(home, 'server.crt'));
    assert.equal(app.reloadTls(), false);
    assert.equal(await shown(port), 'first.test');
    writeFileSync(join(home, 'server.key'), 'nothing of the kind');
    assert.equal(app.reloadTls(), false);
    assert.equal(await shown(port), 'first.test');
    install('renewed', home);
    assert.equal(app.reloadTls(), true);
    assert.equal(await shown(port), 'renewed.test');
  });

  test('follows links that are turned to another folder', async () => {
    const home = folder();
    for (const name of ['first', 'renewed'] as const) {
      cpSync(new URL(`${name}.crt`, FIXTURES), join(home, `${name}.crt`));
      cpSync(new URL(`${name}.key`, FIXTURES), join(home, `${name}.key`));
    }
    const point = (name: string) => {
      for (const end of ['crt', 'key']) {
        symlinkSync(`${name}.${end}`, join(home, `next.${end}`));
        renameSync(join(home, `next.${end}`), join(home, `server.${end}`));
      }
    };
    point('first');
    const port = await listen(edge({ tls: filesIn(home) }));
    assert.equal(await shown(port), 'first.test');
    point('renewed');
    await until(async () => (await shown(port)) === 'renewed.test');
  });

  test('speaks TLS 1.2, and nothing older', async () => {
    const home = folder();
    install('first', home);
    const port = await listen(edge({ tls: filesIn(home) }));
    assert.equal(await shown(port, { maxVersion: 'TLSv1.2' }), 'first.test');
    await assert.rejects(shown(port, { maxVersion: 'TLSv1.1' }));
  });

  test('does not start with files that are not a pair, or not there', () => {
    const home = folder();
    assert.throws(() => createServer({ tls: filesIn(home) }), /ENOENT/);
    install('first', home);
    cpSync(new URL('renewed.key', FIXTURES), join(home, 'server.key'));
    assert.throws(() => createServer({ tls: filesIn(home) }), /key values mismatch/);
  });
});

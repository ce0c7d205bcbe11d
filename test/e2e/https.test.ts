import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { makeCertificate } from '../certificate.ts';
import { eventually, newHome, type Signet, signet, startSignet, temporaryFolder } from '../signet.ts';

/** The common name of the certificate that a new connection is shown. */
function shownName({ url }: Signet): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      resolve(String(subject.CN));
      socket.end();
    });
    socket.on('error', reject);
  });
}

function get({ url }: Signet, path: string, agent: Agent): Promise<{ status: number; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode ?? 0, reused: sent.reusedSocket }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a renewed certificate is taken up without a restart, and open connections stay', async () => {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder, 'first');
  for (const workers of ['1', '2']) {
    makeCertificate(folder, 'first');
    const server = await startSignet(newHome(), {
      SIGNET_TLS_CERT: cert,
      SIGNET_TLS_KEY: key,
      SIGNET_WORKERS: workers,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    assert.match(server.url, /^https:/);
    assert.equal(await shownName(server), 'first');
    assert.deepEqual(await get(server, '/readyz', agent), { status: 200, reused: false });

    makeCertificate(folder, 'renewed');
    await eventually('every process shows the new certificate', async () => {
      const shown = [];
      for (let i = 0; i < 4; i++) shown.push(await shownName(server));
      return shown.every((name) => name === 'renewed');
    });
    assert.deepEqual(await get(server, '/readyz', agent), { status: 200, reused: true });

    const said = server.log().length;
    writeFileSync(cert, 'this is no certificate');
    await eventually('it says that the files are not good', () =>
      server.log().slice(said).includes('present certificate stays'),
    );
    assert.equal(await shownName(server), 'renewed');
    agent.destroy();
    assert.equal(await server.stop(), 0);
  }
});

test('a server whose certificate and key are no pair, or not there, does not start, and says why', async () => {
  const home = newHome();
  const { cert } = makeCertificate(temporaryFolder());
  const { key } = makeCertificate(temporaryFolder());
  const refused = async (env: Record<string, string>, why: RegExp) => {
    const { code, stdout, stderr } = await signet(home, ['serve'], undefined, env);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /bug|\n\s+at /);
  };
  const tls = { SIGNET_TLS_CERT: cert, SIGNET_TLS_KEY: key };
  await refused(tls, /the key belongs to another certificate.*\n.*SIGNET_TLS_KEY is/);
  await refused({ ...tls, SIGNET_TLS_KEY: `${key}.old` }, /no such file/);
  await refused({ SIGNET_TLS_CERT: cert }, /SIGNET_TLS_CERT and SIGNET_TLS_KEY go together/);
  assert.equal(existsSync(home), false, 'it has begun to make an installation');
});

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a certificate for localhost and its key. The certificate is its own authority. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Lets openssl make a certificate into this folder; a second call replaces it. */
export function makeCertificate(folder: string, commonName = 'localhost'): CertificateFiles {
  mkdirSync(folder, { recursive: true });
  const files = { cert: join(folder, 'server.crt'), key: join(folder, 'server.key') };
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:myserver.example.com';
  execFileSync(
    'openssl',
    [...words, '-keyout', files.key, '-out', files.cert, '-subj', `/CN=${commonName}`, '-addext', names],
    { stdio: 'pipe' },
  );
  return files;
}

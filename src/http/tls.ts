import { type FSWatcher, readFileSync, watch } from 'node:fs';
import type { Server as HttpsServer } from 'node:https';
import { dirname } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

export interface TlsFiles {
  /** PEM; the certificate first, then those that lead to the root. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly passphrase?: string;
}

/** Reads certificate and key, and throws when they are not a pair. TLS 1.2 or later only. */
export function readTls(files: TlsFiles): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: readFileSync(files.certFile),
    key: readFileSync(files.keyFile),
    minVersion: 'TLSv1.2',
    ...(files.passphrase !== undefined && { passphrase: files.passphrase }),
  };
  createSecureContext(options);
  return options;
}

export interface TlsRenewal {
  /** Takes the files up again; on a fault the present certificate stays. True when it was taken. */
  reload(): boolean;
  close(): void;
}

/** Renewal writes two files, and not in one moment: wait until they have been left alone for so many milliseconds. */
const SETTLE = 200;

/**
 * Takes renewed files up without a restart: connections that are open stay, new ones get the new certificate. The folders
 * are watched, not the files, since renewal tools replace files or the links to them.
 */
export function renewTls(
  server: HttpsServer,
  files: TlsFiles,
  say: { taken(): void; kept(error: unknown): void; unwatched(error: unknown): void },
): TlsRenewal {
  let timer: NodeJS.Timeout | undefined;
  const reload = () => {
    try {
      server.setSecureContext(readTls(files));
      say.taken();
      return true;
    } catch (error) {
      say.kept(error);
      return false;
    }
  };
  const watchers: FSWatcher[] = [];
  for (const folder of new Set([dirname(files.certFile), dirname(files.keyFile)])) {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        clearTimeout(timer);
        timer = setTimeout(reload, SETTLE);
        timer.unref();
      });
      watcher.on('error', say.unwatched);
      watchers.push(watcher);
    } catch (error) {
      say.unwatched(error);
    }
  }
  return {
    reload,
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

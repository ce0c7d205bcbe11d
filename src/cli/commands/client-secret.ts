import { createHash, randomUUID } from 'node:crypto';
import { command } from '../command.ts';

export const clientSecret = command({
  summary: 'Make a client secret and the hash that configuration files hold',
  about: `The secret is for the program that calls; it is stored nowhere. The hash, base64 of its SHA-256, goes into
    ClientSecrets of the client's file in web.oauth2/CustomClients. Run signet reload web.oauth2 afterwards.`,
  examples: [['signet client-secret', 'print a new secret and its hash']],
  async run() {
    const secret = randomUUID();
    const hash = createHash('sha256').update(secret, 'utf8').digest('base64');
    return { value: { secret, hash }, text: `client secret: ${secret}\nSHA256+base64: ${hash}\n` };
  },
});

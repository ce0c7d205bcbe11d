import { createInterface } from 'node:readline';
import { openDatabase } from '#adapters/postgres.ts';
import { DomainError } from '#core/errors.ts';
import { createActors } from '#core/roles/actors.ts';
import { servicesOver } from '../src/services.ts';

/** Another process on the same database: for each session id on a line, says what its actor may do. */
const never = () => {
  throw new Error('no secrets here');
};
const db = openDatabase({ url: process.argv[2] as string, max: 1 });
const actors = createActors(servicesOver(db, { seal: never, unseal: never }, { hash: never, verify: never }));
for await (const sessionId of createInterface(process.stdin)) {
  try {
    const actor = await actors.confirm({ sessionId, revocationIds: [`session:${sessionId}`] });
    const scopes = Object.fromEntries(actor.permissions);
    process.stdout.write(`${JSON.stringify({ name: actor.name, groupId: actor.groupId, scopes })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify(error instanceof DomainError ? error.code : String(error))}\n`);
  }
}
await db.close();

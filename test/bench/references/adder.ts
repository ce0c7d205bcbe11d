import { openDatabase } from '#adapters/postgres.ts';
import { addPerson } from '#core/people/people.ts';
import { servicesOver, systemContext } from '../../../src/services.ts';

/** What an adder is asked to do: for so long, so many people at a time. */
export interface Adding {
  databaseUrl: string;
  groupId: string;
  /** Stands in the logon names, so that they are new. */
  name: string;
  atOnce: number;
  seconds: number;
}

/** One process that adds people through core, with nothing of HTTP. Warms up, says `ready`, adds when told to, says how many. */
process.once('message', async ({ databaseUrl, groupId, name, atOnce, seconds }: Adding) => {
  const database = openDatabase({ url: databaseUrl, max: atOnce });
  const never = () => {
    throw new Error('nothing here needs a secret');
  };
  const services = servicesOver(database, { seal: never, unseal: never }, { hash: never, verify: never });
  let added = 0;
  const add = () => {
    const logonName = `${name}.${++added}`;
    const ctx = systemContext(services, 'bench');
    return addPerson(ctx, { logonName, firstName: 'Added', lastName: logonName, groupId });
  };
  const addFor = async (milliseconds: number) => {
    const until = performance.now() + milliseconds;
    const one = async () => {
      while (performance.now() < until) await add();
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  };
  await addFor(1500);
  process.once('message', async () => {
    const before = added;
    await addFor(seconds * 1000);
    process.send?.(added - before); // and stays until its CPU time has been read
  });
  process.send?.('ready');
});
process.once('disconnect', () => process.exit());

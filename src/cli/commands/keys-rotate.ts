import { askProcesses } from '#adapters/reload-call.ts';
import { StartRefusal } from '#adapters/start-refusal.ts';
import {
  finishRotation,
  prepareRotation,
  rewrapSealed,
  startRotation,
} from '#core/keys/master-key-rotation.ts';
import { command } from '../command.ts';
import type { Installation } from '../installation.ts';

export const keysRotate = command({
  summary: 'Replace the master key and seal every stored secret anew',
  about: `A new key is made and kept, every running server is asked whether it has it, then all secrets are sealed anew
    while the servers go on working. Broken off in the middle, run it again: it goes on where it was. Make an escrow copy
    of the new key afterwards.

    Servers on other hosts do not share the home's file: bring the new key there first (signet keys export on this host,
    signet keys import on that one) and run this again. Where the keys come from SIGNET_MASTER_KEY, put a new one before
    the old one on every host, separated by a comma, restart the servers, run this, and then take the old one out.`,
  examples: [['signet keys rotate', 'once a year, or when the key may have become known']],
  async run(cli) {
    const installation = await cli.installation();
    const { keys } = installation;
    const from = keys.current().id;
    const rotation = await cli.run((ctx) => prepareRotation(ctx, keys));
    if (rotation.isResumed)
      cli.note(`signet: going on with the rotation to ${rotation.to.id} that was begun before`);
    cli.progress.at('asking the running servers');
    await everyProcessHas(installation, rotation.to.id);
    await cli.run((ctx) => startRotation(ctx, keys, rotation));
    await everyProcessHas(installation, keys.current().id); // and from now on seals under it
    const values = await cli.run((ctx) =>
      rewrapSealed(ctx, keys, (done, total) => cli.progress.at('sealing secrets anew', done, total)),
    );
    const retired = await cli.run((ctx) => finishRotation(ctx, keys, values));
    const current = keys.current().id;
    cli.note('signet: make an escrow copy of the new key: signet keys export --out FILE');
    return {
      value: { key: current, retired, secrets: values },
      text: `${current} is the master key now; ${values} stored secrets were sealed anew, ${retired.join(', ') || from} is retired\n`,
    };
  },
});

async function everyProcessHas(installation: Installation, key: string): Promise<void> {
  const { answers, silent } = await askProcesses(installation.url, { service: 'keys', key });
  const faults = answers.flatMap((answer) => answer.faults);
  if (faults.length > 0) {
    throw new StartRefusal(
      `A running server does not have the new key: ${faults.join('; ')}.`,
      'Bring it there: signet keys export on this host, signet keys import on that one; then run this again',
    );
  }
  if (silent > 0) {
    throw new StartRefusal(
      `${silent} server ${silent === 1 ? 'process does' : 'processes do'} not answer, and could go on sealing under the old key.`,
      'Run this again when they answer or have been stopped',
    );
  }
}

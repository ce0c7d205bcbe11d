import { forgetMasterKey, listMasterKeys } from '#core/keys/master-key-rotation.ts';
import { command } from '../command.ts';
import { table } from '../table.ts';

export const keysList = command({
  summary: 'List the master keys',
  about: `Every secret in the database is sealed under the current master key. A rotation leaves retired ones, which open
    older backups. A spare key is at hand and the database does not know it.`,
  examples: [['signet keys list', 'which keys there are, and how many stored secrets stand under each']],
  async run(cli) {
    const { keys } = await cli.installation();
    const listed = await cli.run((ctx) => listMasterKeys(ctx, keys.store));
    const rows = listed.map((key) => [
      key.id,
      key.state,
      String(key.values),
      key.isAtHand ? keys.store.place : 'not at hand',
      key.createdAt?.toISOString() ?? '',
    ]);
    return { value: listed, text: table(['KEY', 'STATE', 'SECRETS', 'IN', 'SINCE'], rows) };
  },
});

export const keysForget = command({
  summary: 'Forget a retired master key for good',
  about: 'Backups of the database from its time can then be opened only with its escrow copy.',
  operands: [{ name: 'KEY', help: 'its id' }],
  examples: [['signet keys forget 3f9ac0de12345678', 'once no backup needs it any more']],
  async run(cli, _, [id = '']) {
    const { keys } = await cli.installation();
    await cli.run((ctx) => forgetMasterKey(ctx, keys.store, id.toLowerCase()));
    return { value: { forgotten: id.toLowerCase() }, text: '' };
  },
});

import { askProcesses, type Reloadable } from '#adapters/reload-call.ts';
import { StartRefusal } from '#adapters/start-refusal.ts';
import { record } from '#core/audit/audit.ts';
import { command, Misuse } from '../command.ts';
import { nearest } from '../nearest.ts';

const SERVICES = ['web.oauth2', 'rest.core'] as const;

export const reload = command({
  summary: "Make the running server read a service's configuration again",
  about: `Every server process on the database reads the files of its own home again and says what it found. Broken files
    change nothing: the configuration in use stays, and the faults are printed. Clients and tokens survive a reload. A
    server that gets SIGHUP does the same for both services.`,
  operands: [{ name: 'SERVICE', help: 'web.oauth2 or rest.core' }],
  examples: [['signet reload web.oauth2', 'after a change to a file in web.oauth2/CustomClients']],
  async run(cli, _, [given = '']) {
    const service = serviceNamed(given);
    const installation = await cli.installation();
    cli.progress.at('waiting for the server');
    const { answers, silent } = await askProcesses(installation.url, { service });
    if (answers.length === 0 && silent === 0) {
      throw new StartRefusal(
        'No server is running here.',
        'It reads its configuration when it starts: signet check-config looks for faults now',
      );
    }
    const faults = [...new Set(answers.flatMap((answer) => answer.faults))];
    const isDone = faults.length === 0 && silent === 0;
    await cli.run((ctx) =>
      record(ctx, {
        operation: 'configuration.reloaded',
        outcome: isDone ? 'success' : 'failed',
        target: { kind: 'server', id: service, name: service },
        details: { processes: answers.length, silent, faults },
      }),
    );
    for (const fault of cli.json ? [] : faults) cli.note(fault);
    if (faults.length > 0) cli.note(`signet: ${service} is broken; the configuration before stays in use`);
    if (silent > 0) cli.note(`signet: ${silent} of ${answers.length + silent} processes did not answer`);
    return {
      value: { service, processes: answers.map((answer) => answer.process), faults, silent },
      text: isDone ? `${service} was read again by ${count(answers.length)}\n` : '',
      exit: isDone ? 0 : 1,
    };
  },
});

const count = (processes: number) => (processes === 1 ? 'one process' : `${processes} processes`);

function serviceNamed(given: string): Reloadable {
  const service = SERVICES.find((name) => name === given.toLowerCase());
  if (service) return service;
  const near = nearest(given, SERVICES);
  throw new Misuse(
    `"${given}" is no service`,
    near ? `Did you mean ${near}?` : `One of: ${SERVICES.join(', ')}`,
  );
}

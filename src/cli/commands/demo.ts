import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isThere } from '#adapters/home.ts';
import { askProcesses } from '#adapters/reload-call.ts';
import { runningServer } from '#adapters/server-claim.ts';
import type { Context } from '#core/context.ts';
import { DomainError } from '#core/errors.ts';
import { addGroup, findGroup } from '#core/groups/groups.ts';
import { addPerson, findPersonNamed } from '#core/people/people.ts';
import { addRole } from '#core/roles/roles.ts';
import { command } from '../command.ts';
import { DEMO_API, DEMO_COMPANY, DEMO_GROUPS, DEMO_PEOPLE } from '../demo-data.ts';
import { writeNew } from '../files.ts';
import type { Deployment } from '../installation.ts';
import { heldRole } from '../person-words.ts';

export const demo = command({
  summary: 'Add a small believable organisation to try things on',
  about: `Groups, forty-odd people with roles, and a program that may call the API: its account, its file in
    web.oauth2/CustomClients and its secret, which is printed once with the command line to try. What is there already stays
    as it is, so it can be run again. Not for an installation that is used in earnest: the people are invented, and the
    program may see and change everybody.`,
  options: { 'new-secret': { help: 'give the program another secret' } },
  examples: [['signet demo', 'fill a new installation']],
  async run(cli, { newSecret }) {
    const installation = await cli.installation({ create: false });
    const added = await cli.run(async (ctx) => {
      await addGroups(ctx);
      let people = 0;
      for (const [i, person] of DEMO_PEOPLE.entries()) {
        cli.progress.at('adding people', i, DEMO_PEOPLE.length);
        const path = `Root/${DEMO_COMPANY}/${person.group}`;
        const email = `${person.logon}@halvorsen.example`;
        if (await addOne(ctx, { ...person, path, email })) people++;
      }
      return people + (await addProgram(ctx));
    });

    const file = join(installation.home.folder, 'web.oauth2', 'CustomClients', `${DEMO_API.clientId}.json`);
    const secret = newSecret || !isThere(file) ? writeClient(file) : undefined;
    if (secret !== undefined) await askProcesses(installation.url, { service: 'web.oauth2' });
    const deployment = await cli.deployment();
    const running = deployment.DATABASE_URL ? undefined : runningServer(installation.home);
    const url = running?.url ?? addressOf(deployment);
    const value = { added, clientId: DEMO_API.clientId, clientFile: file, ...(secret && { secret }), url };
    return { value, text: words(added, file, secret, url) };
  },
});

async function addGroups(ctx: Context): Promise<void> {
  for (const [path, description] of DEMO_GROUPS) {
    const whole = ['Root', DEMO_COMPANY, ...(path === '' ? [] : path.split('/'))];
    const name = whole.at(-1) as string;
    await unlessThere(
      'group.name_taken',
      addGroup(ctx, { name, parent: whole.slice(0, -1).join('/'), description }),
    );
  }
}

interface Someone {
  logon: string;
  first: string;
  last: string;
  path: string;
  roles: readonly string[];
  email?: string;
}

async function addOne(ctx: Context, { logon, first, last, path, roles, email }: Someone): Promise<boolean> {
  if (await findPersonNamed(ctx, logon)) return false;
  await addPerson(ctx, {
    logonName: logon,
    firstName: first,
    lastName: last,
    groupId: (await findGroup(ctx, path)).id,
    roles: roles.map(heldRole),
    ...(email && { contacts: [{ kind: 'email', value: email, label: '' }] }),
  });
  return true;
}

async function addProgram(ctx: Context): Promise<number> {
  const { role, logon, operations, mechanisms } = DEMO_API;
  const description = 'What the demonstration program may do';
  await unlessThere('role.name_taken', addRole(ctx, { name: role, description, operations, mechanisms }));
  const account = { logon, first: 'Demo', last: 'API', path: 'Root/System Startup', roles: [`${role}:all`] };
  return (await addOne(ctx, account)) ? 1 : 0;
}

async function unlessThere(code: string, adding: Promise<unknown>): Promise<void> {
  await adding.catch((error: unknown) => {
    if (!(error instanceof DomainError && error.code === code)) throw error;
  });
}

/** Writes the client's file anew and gives its secret, of which the file has only the hash. */
function writeClient(file: string): string {
  const secret = randomUUID();
  const client = {
    ClientId: DEMO_API.clientId,
    ClientName: 'Demonstration program',
    AccessTokenLifetime: 3600,
    AllowedGrantTypes: ['client_credentials'],
    ClientSecrets: [{ Value: createHash('sha256').update(secret).digest('base64') }],
    AllowedScopes: ['myid.rest.basic'],
    Properties: { MyIDLogonName: DEMO_API.logon },
  };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`; // not read as configuration, since it does not end in .json
  rmSync(draft, { force: true });
  writeNew(draft, `${JSON.stringify(client, null, 2)}\n`);
  renameSync(draft, file);
  return secret;
}

function addressOf({ SIGNET_PUBLIC_URL, SIGNET_HOST, SIGNET_PORT }: Deployment): string {
  const host = SIGNET_HOST === '0.0.0.0' || SIGNET_HOST === '::' ? '127.0.0.1' : SIGNET_HOST;
  return (
    SIGNET_PUBLIC_URL?.replace(/\/$/, '') ??
    `http://${host.includes(':') ? `[${host}]` : host}:${SIGNET_PORT}`
  );
}

function words(added: number, file: string, secret: string | undefined, url: string): string {
  const people = added === 0 ? 'everybody was there already' : `${added} people added`;
  const start = `${people}; ${DEMO_API.clientId} is in ${file}\n`;
  if (secret === undefined)
    return `${start}its secret was printed before; signet demo --new-secret makes another\n`;
  return `${start}client secret: ${secret}

Get a token, and look for people:
  TOKEN=$(curl -s -u ${DEMO_API.clientId}:${secret} -d grant_type=client_credentials -d scope=myid.rest.basic \\
    ${url}/web.oauth2/connect/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -H "Authorization: Bearer $TOKEN" "${url}/rest.core/api/People?q=ha"
`;
}

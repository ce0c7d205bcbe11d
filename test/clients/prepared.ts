import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientFile, newSecret } from '../api.ts';
import { makeCertificate } from '../certificate.ts';
import { command, newHome, type Signet, startSignet, temporaryFolder } from '../signet.ts';
import { picture, type Surroundings } from './programs.ts';

/** The printed example of the guide's chapter 12.3.1, with its hash as it must be. */
export const PRINTED = {
  secret: 'b5989015-bb9e-4533-874b-2b4a6a8280ed',
  hash: 'Pxvo4ww2jQ1wWORsnL9q79TcC/f0b57P07os0ZU7Frs=',
};

/** A started server that has been prepared as the guide's chapters 3 and 12 say, and what its callers know. */
export interface Prepared extends Surroundings {
  readonly home: string;
  readonly signet: Signet;
  readonly otherServer: string;
}

/** Starts two servers that have nothing to do with each other, over HTTPS, and prepares the first by command line. */
export async function prepare(): Promise<Prepared> {
  const folder = temporaryFolder();
  const { secret, hash } = newSecret();
  const clients = [
    clientFile('myid.mysystem', 'api.external', hash),
    clientFile('myid.printed', 'api.external', PRINTED.hash),
    clientFile('myid.shortlived', 'api.external', hash, { AccessTokenLifetime: 2 }),
    clientFile('myid.minute', 'api.external', hash, { AccessTokenLifetime: '60' }),
    clientFile('myid.powerless', 'api.powerless', hash),
    clientFile('myid.self', 'api.self', hash),
    clientFile('myid.department', 'api.department', hash),
    clientFile('myid.division', 'api.division', hash),
  ];
  const home = newHome(
    Object.fromEntries(clients.map((each) => [`web.oauth2/CustomClients/${each.ClientId}.json`, each])),
  );
  const { cert, key } = makeCertificate(join(folder, 'tls'));
  const tls = { SIGNET_TLS_CERT: cert, SIGNET_TLS_KEY: key };
  const [signet, other] = await Promise.all([startSignet(home, tls), startSignet(newHome(), tls)]);
  await addAccounts(home);
  const groups = JSON.parse(await command(home, 'group', 'list', '--json')) as { id: string; name: string }[];
  const finance = groups.find(({ name }) => name === 'Finance');
  writeFileSync(join(folder, 'addperson.json'), JSON.stringify(susanSmith(finance?.id ?? '')));
  writeFileSync(join(folder, 'susan.smith.jpg'), picture());
  const server = `localhost:${new URL(signet.url).port}`;
  const otherServer = `localhost:${new URL(other.url).port}`;
  return { home, signet, server, otherServer, secret, certificate: cert, folder };
}

/** What an administrator of the guide does in the desktop program: the account that the API runs as, and more. */
async function addAccounts(home: string): Promise<void> {
  const run = (...words: string[]) => command(home, ...words);
  const oauth = ['--mechanism', 'Client Credentials OAuth2 Logon'];
  const role = (name: string, ...more: string[]) =>
    run('role', 'add', '--name', name, '--from', 'Allow None', ...more);
  const person = (logon: string, group: string, ...more: string[]) =>
    run('person', 'add', '--logon', logon, '--first', logon, '--group', group, ...more);

  await run('setting', 'set', 'Client Credentials OAuth2 Logon', 'Yes');
  await run('group', 'add', '--name', 'Finance');
  await run('group', 'add', '--name', 'Payroll', '--parent', 'Finance');
  await run('group', 'add', '--name', 'Human Resources');
  await role('External API', '--operation', 'View Person', ...oauth);
  await role('Powerless', ...oauth);
  await person('api.external', 'System Startup', '--role', 'Startup User:all');
  await person('api.powerless', 'System Startup', '--role', 'Powerless:all');
  for (const scope of ['self', 'department', 'division']) {
    await person(`api.${scope}`, 'Finance', '--role', `External API:${scope}`);
  }
  await person('fiona', 'Finance', '--role', 'Cardholder:self');
  await person('paul', 'Payroll', '--role', 'Cardholder:self');
  await person('hanna', 'Human Resources', '--role', 'Cardholder:self');
}

/** The person of the guide's chapter 12.8.1. */
const susanSmith = (groupId: string) => ({
  account: {
    cn: 'Susan Smith',
    dn: 'cn=Susan Smith, o=example, c=us',
    domain: 'example',
    ou: 'ou=example, c=us',
    samAccountName: 'Susan Smith',
    sysLogonName: 'Susan Smith',
    upn: 'susan.smith@example.com',
  },
  contact: { emailAddress: 'susan.smith@example.com' },
  employeeId: '11223344',
  enabled: '1',
  name: { first: 'Susan', last: 'Smith', title: 'Ms' },
  group: { id: groupId.toUpperCase() },
  logonName: 'susan.smith',
  roles: [{ id: 'Cardholder', scope: 'self' }],
  personal: { dateOfBirth: '1970-01-01' },
});

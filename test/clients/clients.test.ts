import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { command } from '../signet.ts';
import { PRINTED, type Prepared, prepare } from './prepared.ts';
import { type Answer, granted, programs } from './programs.ts';

/** A GUID as the server writes it. */
const GUID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/;
const NO_ACCESS = 'WS50000';

let site: Prepared;
let clients: ReturnType<typeof programs>;

before(async () => {
  site = await prepare();
  clients = programs(site);
});

const currentToken = async () => granted(await clients.curl('token-basic.sh', [])).access_token;
const parsed = ({ body }: Answer) => JSON.parse(body);

suite('tokens, with cURL over HTTPS (guide, chapter 3.3)', () => {
  test('MYID-T1 a token for id and secret in the Authorization header', async () => {
    assert.equal(granted(await clients.curl('token-basic.sh', [])).expires_in, 3600);
  });

  test('MYID-T2 a token for id and secret in the body', async () => {
    assert.equal(granted(await clients.curl('token-body.sh', [])).expires_in, 3600);
  });

  test('MYID-T3 a wrong secret and an unknown client are told apart by nobody', async () => {
    const wrong = await clients.curl('token-body.sh', [], { CLIENT_SECRET: 'wrong' });
    const unknown = await clients.curl('token-body.sh', [], { CLIENT_ID: 'myid.unknown' });
    const header = await clients.curl('token-basic.sh', [], { CLIENT_SECRET: 'wrong' });
    for (const { body } of [wrong, unknown, header]) assert.equal(body, '{"error":"invalid_client"}');
    assert.deepEqual([wrong.status, unknown.status, header.status], [400, 400, 401]);
    assert.match(header.headers.get('www-authenticate') ?? '', /^Basic/);
  });

  test('MYID-T4 the audit of the logon has the client identifier and the address of the caller', async () => {
    granted(await clients.curl('token-basic.sh', ['-H', 'CLIENT_IDENTIFIER: PC-42']));
    const report = await clients.curl('get.sh', ['reports/290015?page=1'], { TOKEN: await currentToken() });
    const row = parsed(report).results.find(
      (each: { clientIdentifier: string }) => each.clientIdentifier === 'PC-42',
    );
    assert.match(row?.clientIP ?? '', /^(127\.0\.0\.1|::1)$/);
    assert.equal(row?.operatorName, 'api.external');
  });

  test('MYID-T5 no token while the mechanism is switched off', async () => {
    await command(site.home, 'setting', 'set', 'Client Credentials OAuth2 Logon', 'No');
    const refused = await clients.curl('token-basic.sh', []);
    await command(site.home, 'setting', 'set', 'Client Credentials OAuth2 Logon', 'Yes');
    assert.equal(refused.status, 400);
    assert.equal(parsed(refused).error, 'unauthorized_client');
    granted(await clients.curl('token-basic.sh', []));
  });

  test('MYID-T6 no token without a role that counts for this way to sign in', async () => {
    await command(site.home, 'role', 'set', '--name', 'Powerless', '--no-mechanisms');
    const refused = await clients.curl('token-basic.sh', [], { CLIENT_ID: 'myid.powerless' });
    await command(
      site.home,
      ...['role', 'set', '--name', 'Powerless', '--mechanism', 'Client Credentials OAuth2 Logon'],
    );
    assert.equal(parsed(refused).error, 'unauthorized_client');
    granted(await clients.curl('token-basic.sh', [], { CLIENT_ID: 'myid.powerless' }));
  });

  test('MYID-T7 a disabled account gets no token, and the token it has is worth nothing at once', async () => {
    const TOKEN = await currentToken();
    assert.equal((await clients.curl('get.sh', ['Groups?q=*'], { TOKEN })).status, 200);
    await command(site.home, 'person', 'disable', 'api.external', '--reason', 'tested');
    const [refused, call] = await Promise.all([
      clients.curl('token-basic.sh', []),
      clients.curl('get.sh', ['Groups?q=*'], { TOKEN }),
    ]);
    await command(site.home, 'person', 'enable', 'api.external');
    assert.equal(parsed(refused).error, 'unauthorized_client');
    assert.deepEqual([call.status, call.body], [401, '']);
    granted(await clients.curl('token-basic.sh', []));
  });

  test('MYID-T8 a scope that the client may not have', async () => {
    const refused = await clients.curl('token-basic.sh', [], { SCOPE: 'other' });
    assert.equal(refused.status, 400);
    assert.equal(parsed(refused).error, 'invalid_scope');
  });

  test('MYID-T9 the life time may stand in the file as a number or in quotes', async () => {
    const quoted = await clients.curl('token-basic.sh', [], { CLIENT_ID: 'myid.minute' });
    const number = await clients.curl('token-basic.sh', [], { CLIENT_ID: 'myid.shortlived' });
    assert.deepEqual([granted(quoted).expires_in, granted(number).expires_in], [60, 2]);
  });

  test('MYID-T10 the secret that the guide prints, with its true hash', async () => {
    const printed = { CLIENT_ID: 'myid.printed', CLIENT_SECRET: PRINTED.secret };
    granted(await clients.curl('token-body.sh', [], printed));
  });
});

suite('the worked example, with Python over HTTPS (guide, chapter 12)', () => {
  test('the first script prints a token answer, or why there is none', async () => {
    assert.match(await clients.guide('01_request.py'), /'access_token': '[\w-]+\.[\w-]+\.[\w-]+'/);
    const refused = await clients.guide('01_request.py', [], { CLIENT_ID: 'myid.mistyped' });
    assert.equal(refused, "{'error': 'invalid_client'}\n");
  });

  test('MYID-S1 the groups, each with name, desc, ou, parentName, id and href', async () => {
    const [status, body = ''] = (await clients.guide('02_call.py')).split('\n');
    assert.equal(status, '200');
    const groups = JSON.parse(body).results as Record<string, string>[];
    for (const group of groups) {
      assert.deepEqual(Object.keys(group).sort(), ['desc', 'href', 'id', 'name', 'ou', 'parentName']);
      assert.match(group.id ?? '', GUID);
      assert.equal(group.href, `groups/${group.id}`);
      for (const value of Object.values(group)) assert.equal(typeof value, 'string');
    }
    const parents = Object.fromEntries(groups.map(({ name, parentName }) => [name, parentName]));
    const { Root, MasterAdmin, 'System Startup': startup, Finance, Payroll } = parents;
    assert.deepEqual([Root, MasterAdmin, startup, Finance, Payroll], ['', 'Root', 'Root', 'Root', 'Finance']);

    const list = await clients.guide('03_groups.py');
    assert.match(list, /^Finance: [0-9A-F-]{36}$/m);
  });

  test('MYID-S2 MYID-S27 an account without permission is told so', () => clients.python('no_permission.py'));

  test('MYID-S3 MYID-T9 an expired token, and anything that is no token, is a 401 with an empty body', () =>
    clients.python('expired_token.py'));

  test('MYID-S4 a person is added', async () => {
    const [said, id = ''] = (await clients.guide('04_add_person.py')).split('\n');
    assert.equal(said, 'Person added to MyID with an ID of:');
    assert.match(id, GUID);
  });

  test('MYID-S5 MYID-S6 MYID-S7 MYID-S8 each fault in a new person has its own answer', () =>
    clients.python('add_person_refused.py'));

  test('MYID-S9 MYID-S10 people are found, and who is not there is not an error', async () => {
    await clients.python('find_person.py');
    assert.equal(
      await clients.guide('05_update_person.py', ['{}', 'nobody']),
      'Error: a person with the logon name nobody was not found.\n',
    );
  });

  test('MYID-S11 the last name is changed, MYID-S12 and a mistyped attribute changes nothing', async () => {
    const jones = 'Person updated in MyID. The new last name is:\nJones\n';
    assert.equal(await clients.guide('05_update_person.py'), jones);
    assert.equal(await clients.guide('05_update_person.py', ['{"name": {"lost": "Brown"}}']), jones);
    await clients.python('find_person.py'); // all else is as it was
  });

  test('MYID-S13 a picture is uploaded and comes back byte for byte', async () => {
    assert.equal(
      await clients.guide('06_upload_image.py'),
      "Person's picture updated in MyID.\nUploaded and downloaded images match.\n",
    );
  });

  test('MYID-S14 MYID-S15 the picture can be read, and an empty one is refused', () =>
    clients.python('picture.py'));

  test('MYID-S26 the audit report, page by page to its end, has every row once', async () => {
    await clients.python('report.py');
    const seen = JSON.parse(readFileSync(join(site.folder, 'seen.json'), 'utf8')) as { ids: number[] };
    const newest = Math.max(...seen.ids);
    const events = (await command(site.home, 'audit', 'export')).trimEnd().split('\n');
    const ids = events.map((line) => JSON.parse(line)).map(({ id, unsealed }) => id ?? unsealed?.id);
    assert.deepEqual(
      ids.filter((id) => id <= newest).sort((a, b) => b - a),
      seen.ids.toSorted((a, b) => b - a),
    );

    const said = /^A total of (\d+) pages of results\.$/m.exec(await clients.guide('10_report_paging.py'));
    const rows = JSON.parse(readFileSync(join(site.folder, 'temp.json'), 'utf8')) as { id: number }[];
    const again = new Set(rows.map(({ id }) => id));
    assert.equal(again.size, rows.length, 'a row came twice');
    assert.equal(Number(said?.[1]), Math.ceil(rows.length / 50));
    assert.ok(again.size > seen.ids.length, 'what happened since is missing');
    assert.ok(
      seen.ids.every((id) => again.has(id)),
      'a row that was there before is gone',
    );
  });

  test('MYID-S28 the token is decoded and verified with the key that the server publishes', async () => {
    const [, first, , second] = (await clients.guide('11_jwt.py')).split('\n');
    assert.match(first ?? '', /^20\d\d-/);
    assert.equal(second, first);
    assert.ok(new Date(`${second?.replace(' ', 'T')}`).getTime() > Date.now());
  });

  test('MYID-S28 openssl verifies it, too', async () => {
    const said = await clients.shell('verify-token.sh', [], { TOKEN: await currentToken() });
    assert.equal(said, 'Verified OK\nVerification failure\n');
  });

  test("MYID-S29 it does not verify with another server's key, and the other server refuses it", () =>
    clients.python('other_servers_key.py', { OTHER_SERVER: site.otherServer }));

  test('MYID-S31 a role reaches as far as its scope', () => clients.python('scope.py'));
});

suite('how callers really write their requests, with cURL', () => {
  let TOKEN: string;
  let susan: { id: string };
  before(async () => {
    TOKEN = await currentToken();
    const found = await clients.curl('get.sh', ['People?logonName=susan.smith'], { TOKEN });
    susan = parsed(found).results[0];
  });

  test('MYID-S30 a GET with a form body', async () => {
    const answer = await clients.curl('get.sh', [`People/${susan.id}`, '-d', 'dirInfo=true'], { TOKEN });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(parsed(answer).id, susan.id);
  });

  test('a GET with a form body is searched by it, and the query wins', async () => {
    const body = await clients.curl('get.sh', ['People', '-d', 'logonName=susan.smith'], { TOKEN });
    assert.deepEqual(
      parsed(body).results.map((each: { logonName: string }) => each.logonName),
      ['susan.smith'],
    );
    const both = await clients.curl('get.sh', ['People?logonName=hanna', '-d', 'logonName=susan.smith'], {
      TOKEN,
    });
    assert.deepEqual(
      parsed(both).results.map((each: { logonName: string }) => each.logonName),
      ['hanna'],
    );
  });

  test('JSON in single quotes, and an api version with a blank before it', async () => {
    const body = "{'name': {'first': 'Susan', 'title': 'Dr \"S\"'}}";
    const answer = await clients.curl(
      'send.sh',
      ['PATCH', `People/${susan.id}?confirm=false`, body, '-H', 'x-api-version:  1'],
      { TOKEN },
    );
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(parsed(answer).name, {
      ...parsed(answer).name,
      first: 'Susan',
      last: 'Jones',
      title: 'Dr "S"',
    });
  });

  test('another api version is refused', async () => {
    const answer = await clients.curl('get.sh', ['Groups?q=*', '-H', 'x-api-version: 2'], { TOKEN });
    assert.equal(answer.status, 400);
    assert.equal(parsed(answer).title, 'Bad Request');
  });

  test('paths and ids in any letter case, and with a slash at the end', async () => {
    const ways = [`people/${susan.id.toLowerCase()}`, `PEOPLE/${susan.id}`, `People/${susan.id}/`];
    for (const way of ways) {
      const answer = await clients.curl('get.sh', [way], { TOKEN });
      assert.equal(answer.status, 200, `${way}: ${answer.body}`);
      assert.equal(parsed(answer).id, susan.id);
    }
    const shouted = await clients.curl('token-basic.sh', [], {
      TOKEN_PATH: 'WEB.OAUTH2/Connect/Token',
    });
    assert.equal(shouted.status, 200, shouted.body);
  });

  test('errors stay JSON where a picture was asked for', async () => {
    const image = '{"image":{"data":"","mimetype":"image/jpeg"}}';
    const answer = await clients.curl(
      'send.sh',
      ['POST', `People/${susan.id}/images/photo`, image, '-H', 'accept: image/jpeg'],
      { TOKEN },
    );
    assert.equal(answer.status, 400);
    assert.match(answer.headers.get('content-type') ?? '', /json/);
    assert.equal(parsed(answer).title, 'Bad Request');
  });

  test('the same call for somebody without permission is refused in the same words', async () => {
    const nobody = granted(await clients.curl('token-basic.sh', [], { CLIENT_ID: 'myid.powerless' }));
    const answer = await clients.curl('get.sh', [`People/${susan.id}`], { TOKEN: nobody.access_token });
    assert.deepEqual([answer.status, parsed(answer).code], [403, NO_ACCESS]);
  });
});

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A message of PostgreSQL's protocol (chapter 54, Message Formats): type, length, content. */
function message(type: string, ...parts: (Buffer | string | number)[]): Buffer {
  const content = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      if (typeof part !== 'number') return part;
      const int32 = Buffer.alloc(4);
      int32.writeInt32BE(part);
      return int32;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);

const column = (name: string, type: number) =>
  Buffer.concat([
    Buffer.from(`${name}\0`),
    Buffer.alloc(6),
    message('-', type).subarray(5),
    int16(-1),
    Buffer.alloc(4),
    int16(0),
  ]);

const cell = (text: string) => Buffer.concat([message('-', text.length).subarray(5), Buffer.from(text)]);

const READY = message('Z', Buffer.from('I'));

/** Enough of a PostgreSQL to be asked for its version: whoever connects is let in, every query gives the one row. */
export async function startOldServer(version: { number: string; text: string }) {
  const answer = Buffer.concat([
    message('1'),
    message('2'),
    message('T', int16(2), column('number', 23), column('version', 25)),
    message('D', int16(2), cell(version.number), cell(version.text)),
    message('C', 'SELECT 1'),
    READY,
  ]);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let greeted = false;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (!greeted)
        socket.write(Buffer.concat([message('R', 0), message('S', 'server_version', version.text), READY]));
      else if (data.includes('select')) socket.write(answer);
      greeted = true;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `postgresql://signet@127.0.0.1:${port}/signet?sslmode=disable`, close };
}

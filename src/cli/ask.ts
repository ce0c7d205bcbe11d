import { Misuse } from './command.ts';

type Input = NodeJS.ReadStream;
const LONGEST = 65_536;

/** Everything on standard input, as text. */
export async function readAll(stdin: Input): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stdin) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > LONGEST) throw new Misuse('standard input is too long');
    parts.push(bytes);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
}

/** One line: asked for without echo at a terminal, else the first line of standard input. */
export async function askSecret(what: string, stdin: Input, stderr: NodeJS.WriteStream): Promise<string> {
  const line = stdin.isTTY
    ? await typed(`${what}: `, stdin, stderr)
    : ((await readAll(stdin)).split(/\r?\n/)[0] ?? '');
  if (line === '') throw new Misuse(`${what}: standard input was empty`);
  return line;
}

function typed(prompt: string, stdin: Input, stderr: NodeJS.WriteStream): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let line = '';
    const end = () => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', onData);
      stderr.write('\n');
    };
    const onData = (text: string) => {
      for (const letter of text) {
        if (letter === '\r' || letter === '\n' || letter === '\u0004') {
          end();
          return resolve(line);
        }
        if (letter === '\u0003') {
          end();
          return reject(new Misuse('interrupted'));
        }
        line = letter === '\u007f' || letter === '\b' ? [...line].slice(0, -1).join('') : line + letter;
      }
    };
    stdin.on('data', onData);
  });
}

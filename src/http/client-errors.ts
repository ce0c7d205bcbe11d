import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './dialect.ts';
import type { Target } from './target.ts';
import { readTarget } from './target.ts';

type ClientError = Error & { code?: string | undefined; rawPacket?: Buffer | undefined };

const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What the parser could not read, or did not get in time, is answered in clear and the connection closed. */
export function answerClientError(
  error: ClientError,
  socket: Socket & { _httpMessage?: ServerResponse & { req?: IncomingMessage } },
  word: (target: Target | undefined, status: number) => Answer,
): void {
  const current = socket._httpMessage;
  // Half of another answer is on its way on this connection; more bytes would be taken for the rest of it.
  if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent) {
    socket.destroy();
    return;
  }
  const url = current?.req?.url ?? requestTarget(error.rawPacket);
  const { status, body, type, headers } = word(
    url === undefined ? undefined : readTarget(url),
    STATUS[error.code ?? ''] ?? 400,
  );
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    ...(type && body ? [`Content-Type: ${type}`] : []),
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** The target of a request line at the start of what came; undefined when there is none. */
function requestTarget(packet: Buffer | undefined): string | undefined {
  const head = packet?.subarray(0, 4096).toString('latin1') ?? '';
  return /^[A-Z]{3,20} (\/[\x21-\x7e]*)/.exec(head)?.[1];
}

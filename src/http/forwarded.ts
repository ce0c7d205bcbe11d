import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { EdgeFault } from './refusals.ts';

const malformed = (message: string) => new EdgeFault('malformed', { message });

/** A host name or address with an optional port; names of the internet are in ASCII here. */
const HOST = /^(?:[a-z0-9_](?:[a-z0-9._-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Refuses a request whose host, as sent or as a trusted proxy forwards it, cannot be one, or is told twice. */
export function checkHost(request: FastifyRequest): void {
  const { headers, rawHeaders, httpVersion } = request.raw;
  if (headers.host === undefined) {
    if (httpVersion === '1.0') return; // the Host header came with HTTP/1.1
    throw malformed('The Host header is missing.');
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1 || !HOST.test(headers.host)) throw malformed('The Host header is not valid.');
  if (headers['x-forwarded-host'] !== undefined && !HOST.test(request.host)) {
    throw malformed('The forwarded host is not valid.');
  }
  if (headers['x-forwarded-proto'] !== undefined && !/^https?$/.test(request.protocol)) {
    throw malformed('The forwarded protocol is not valid.');
  }
}

/**
 * The address of the caller as the nearest trusted proxy tells it; null over a Unix socket without one. IPv4 in its own
 * form, never a port, never a name.
 */
export function clientIp(request: FastifyRequest): string | null {
  const chain = request.ips ?? [request.ip];
  for (let i = chain.length - 1; i >= 0; i--) {
    const ip = plain(chain[i]);
    if (ip) return ip;
  }
  return null;
}

/** `1.2.3.4:5678`, `[2001:db8::1]:5678` and `::ffff:1.2.3.4` are forms that proxies and sockets use. */
function plain(address: string | undefined): string | undefined {
  if (!address) return undefined;
  const bare = /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  const ip = bare.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
  return isIP(ip) ? ip : undefined;
}

/**
 * Where callers see this server, without a slash at the end: the configured address, else what the request says through
 * trusted proxies. Undefined when neither tells.
 */
export function publicUrlOf(request: FastifyRequest, configured: string | undefined): string | undefined {
  if (configured !== undefined) return configured;
  return request.host ? `${request.protocol}://${request.host.toLowerCase()}` : undefined;
}

import type { FastifyReply } from 'fastify';
import type { Answer } from './dialect.ts';

/** Sends an answer as it is worded, byte for byte. */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers) reply.headers(answer.headers);
  if (answer.body === '') return reply.send();
  // A buffer, since Fastify adds a charset to the type of a text.
  return reply.type(answer.type ?? 'text/plain; charset=utf-8').send(Buffer.from(answer.body));
}

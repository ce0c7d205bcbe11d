import type { FastifyInstance } from 'fastify';
import { send } from '#http/answer.ts';
import { pageAnswer } from './pages.ts';
import { type FindSignIn, SIGN_IN_PATH } from './sign-ins.ts';

/** The pages by which people sign in, at and below `/Account`; they end a sign-in by `accept` or `deny`. */
export interface Interactions {
  routes(app: FastifyInstance, find: FindSignIn): void;
}

/** No page yet: whoever comes is told so. */
export const noSignIn: Interactions = {
  routes(app, find) {
    app.get(SIGN_IN_PATH, async (request, reply) => {
      const { client } = await find(request);
      const name = client.clientName ?? client.clientId;
      return send(
        reply,
        pageAnswer(
          200,
          'How do you want to sign in?',
          `${name} asks you to sign in. No way to sign in is enabled here yet.`,
        ),
      );
    });
  },
};

import type { FastifyInstance } from 'fastify';
import type { MyidOptions } from './index.ts';

export async function documentation(_app: FastifyInstance, _options: MyidOptions): Promise<void> {}

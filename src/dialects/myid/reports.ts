import { DomainError } from '#core/errors.ts';
import type { Handler } from './handlers.ts';

export const reports = {
  async listReports() {
    return { results: [] };
  },
  async readReport() {
    throw new DomainError('report.not_found');
  },
} satisfies Record<string, Handler>;

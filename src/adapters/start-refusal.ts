/** Why Signet cannot start or a command cannot run here, in words for whoever runs it. Shown without a stack trace. */
export class StartRefusal extends Error {
  override readonly name = 'StartRefusal';
  /** What to do about it; undefined when the message says it all. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.hint = hint;
  }
}

/** The part of a pino logger that storage needs. */
export interface StorageLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Node's code of a failed system call: `EACCES`. */
export const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

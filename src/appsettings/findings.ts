/** Where something stands in a file. Both numbers count from 0 and the second counts bytes, as .NET's parser does. */
export interface Place {
  readonly file: string;
  readonly lineNumber: number;
  readonly bytePositionInLine: number;
}

/** Why a service cannot use its configuration. */
export const FAULTS = {
  'file.unreadable': 'the file or folder cannot be read',
  'file.too_large': 'the file is larger than 1 MiB',
  'file.ambiguous': 'two Production files, with names that differ in case only',
  'json.invalid': 'the file is not JSON, or not an object',
  'key.duplicate': 'a key stands twice in one object',
  'key.missing': 'a required key is not there',
  'value.invalid': 'a value has the wrong type or is out of range',
  'identity.duplicate': 'two entries of a list have the same `ClientId` or `Name`',
} as const;

/** What is legal but surely not meant. */
export const NOTICES = {
  'file.unread': 'an `appsettings.json` in the home folder',
  'key.unknown': 'a key that means nothing, perhaps misspelt',
  'origin.unmatched': 'an origin that no browser sends: with a path or a slash at its end, `null`, `*`',
  'scope.unknown': 'a scope that is not configured',
  'client.hardened':
    'a client as the standards forbid it: `client_credentials` always needs the secret, a client without a secret always needs PKCE',
  'client.unusable': 'a client that can never get a token',
} as const;

export type FaultCode = keyof typeof FAULTS;
export type NoticeCode = keyof typeof NOTICES;

/** Something to tell the administrator about a file. The three numbers are null when it is about the file as a whole. */
export interface Finding<Code extends FaultCode | NoticeCode> {
  readonly code: Code;
  readonly file: string;
  /** Counts from 1, as editors do. */
  readonly line: number | null;
  readonly lineNumber: number | null;
  readonly bytePositionInLine: number | null;
  /** A sentence; for broken JSON exactly that of .NET's parser. Never holds the value of a secret. */
  readonly reason: string;
  /** What to do about it, where the reason alone would puzzle. */
  readonly hint: string | null;
}

export type Fault = Finding<FaultCode>;
export type Notice = Finding<NoticeCode>;

export type Loaded<T> =
  | { readonly settings: T; readonly notices: readonly Notice[] }
  | { readonly faults: readonly Fault[] };

/** What comes to light while a configuration is read. After a fault its values need not be sound: nobody sees them. */
export interface Report {
  readonly faults: Fault[];
  readonly notices: Notice[];
  /** Where each object of a list stands. */
  readonly places: Map<object, Place>;
}

export function findingAt<Code extends FaultCode | NoticeCode>(
  code: Code,
  place: Place,
  reason: string,
  hint: string | null = null,
): Finding<Code> {
  return { code, ...place, line: place.lineNumber + 1, reason, hint };
}

export function findingAbout<Code extends FaultCode | NoticeCode>(
  code: Code,
  file: string,
  reason: string,
  hint: string | null = null,
): Finding<Code> {
  return { code, file, line: null, lineNumber: null, bytePositionInLine: null, reason, hint };
}

/**
 * Words findings twice, a line each: `log` in the form that .NET's services write to the event log, which
 * monitoring of such services already looks for, and `text` for people. Neither can be broken into more lines by
 * what stands in a file or in its name.
 */
export function describeFaults(findings: readonly Finding<FaultCode | NoticeCode>[]): {
  readonly log: string[];
  readonly text: string[];
} {
  return { log: findings.map(logLine), text: findings.map(textLine) };
}

function logLine(finding: Finding<FaultCode | NoticeCode>): string {
  const { line, lineNumber, bytePositionInLine } = finding;
  const start = `${outcomeOf(finding.code)} ${oneLine(finding.reason)}`;
  const file = oneLine(finding.file);
  return line === null
    ? `${start} File: ${file}.`
    : `${start} LineNumber: ${lineNumber} | BytePositionInLine: ${bytePositionInLine}. File: ${file}, line ${line}.`;
}

function outcomeOf(code: FaultCode | NoticeCode): string {
  if (code in NOTICES) return 'Perhaps not as meant in the JSON file:';
  return code === 'json.invalid' ? 'Could not parse the JSON file.' : 'Could not use the JSON file.';
}

function textLine({ file, line, bytePositionInLine, reason, hint }: Finding<FaultCode | NoticeCode>): string {
  const where = line === null ? oneLine(file) : `${oneLine(file)}: line ${line}, byte ${bytePositionInLine}`;
  return `${where}: ${oneLine(hint === null ? reason : `${reason} ${hint}`)}`;
}

function oneLine(text: string): string {
  // The format characters are in it because they can turn a line round on a terminal.
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}

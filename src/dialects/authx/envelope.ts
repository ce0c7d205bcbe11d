import { type Answer, json } from '#http/dialect.ts';

/** What the public API answers, contract part 6: always these six keys in this order, the last two always null. */
export function envelope(
  status: number,
  code: number,
  subcode: number,
  said: { text?: string; data?: string } = {},
): Answer {
  return json(status, {
    response_code: code,
    response_subcode: subcode,
    response_text: said.text ?? null,
    response_data: said.data ?? null,
    accessToken: null,
    refreshToken: null,
  });
}

export const failed = (text: string, status = 200): Answer => envelope(status, 0, 100, { text });

/** `response_data` is JSON in a string. */
export const succeeded = (data: object | null): Answer =>
  envelope(200, 1, 0, data === null ? {} : { data: JSON.stringify(data) });

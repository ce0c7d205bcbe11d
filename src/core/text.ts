const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** False for text with control characters (a NUL cannot be stored) or half of a surrogate pair. */
export const isPrintable = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Also without what cannot be seen: by it, two names could look the same and be two. */
export const isVisible = (text: string): boolean => isPrintable(text) && !/[\p{Cf}\p{Zl}\p{Zp}]/u.test(text);

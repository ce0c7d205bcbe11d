/**
 * Letter case is folded here and nowhere else, never by SQL: what lower() does depends on the locale of the database,
 * and differs from what the program does (`İ`, `Σ` at the end of a word; in a database made with the locale C anything
 * beyond ASCII). Folded forms are stored beside the text and compared byte by byte (`collate "C"`).
 */

/** The form in which names that are keys are compared and kept unique: NFC, lower case. */
export const foldName = (name: string): string => name.normalize('NFC').toLowerCase().normalize('NFC');

/**
 * The form in which text is searched and sorted: more is alike than in `foldName`, `ß` and `ss`, all four forms of the
 * Turkish i, and `σ` wherever in a word it stands. Accents still tell letters apart.
 */
export const foldText = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase() // first, for the ẞ that is its own upper case
    .toUpperCase() // folds what has no upper case letter of its own: ß, ſ, ı, ligatures
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replaceAll('i\u0307', 'i') // what İ becomes
    .normalize('NFC');

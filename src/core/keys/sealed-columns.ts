/** Where the database keeps values that are sealed under a master key; rotation seals each of them anew. */
export interface SealedColumn {
  readonly table: string;
  /** The columns of its primary key. */
  readonly key: readonly string[];
  /** Its name begins with `sealed_`; a test compares this list with the migrations by that. */
  readonly column: string;
  /** What the values were sealed for; `{kid}` stands for the column `kid` of the row. */
  readonly purpose: string;
}

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'audit_key', key: ['kid'], column: 'sealed_private', purpose: 'audit-key:{kid}' },
  { table: 'signing_key', key: ['kid'], column: 'sealed_private', purpose: 'signing-key:{kid}' },
];

/** One page of a list, and where the next one begins. */
export interface Page<Item, Key> {
  items: readonly Item[];
  next: Key | null;
}

/** All items of a paged list, or as many as asked for. */
export async function everyPage<Item, Key>(
  read: (after: Key | null) => Promise<Page<Item, Key>>,
  most = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let after: Key | null = null; ; ) {
    const { items, next }: Page<Item, Key> = await read(after);
    all.push(...items);
    if (next === null || all.length >= most) return all.slice(0, most);
    after = next;
  }
}

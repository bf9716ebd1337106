// What this device remembers of its shopper besides the cart: small, theirs alone, never sent by itself.

const key = (name: string): string => `placket.shop.${name}`

/** What was kept under a name. */
export function recall<T>(name: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key(name)) ?? 'null') as T | null) ?? undefined
  } catch {
    return undefined
  }
}

/** Keep something under a name; nothing forgets it. */
export function remember(name: string, value: unknown): void {
  if (value === undefined) localStorage.removeItem(key(name))
  else localStorage.setItem(key(name), JSON.stringify(value))
}

// What an entry of the audit log changed: only the fields that differ.

type Facts = Readonly<Record<string, unknown>> | null

function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(shown).join(', ')
  if (typeof value === 'object') return Object.values(value).map(shown).filter(Boolean).join(' ')
  const text = String(value)
  // An id says nothing to a reader; its end tells two apart.
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text) ? text.slice(-8) : text
}

export function differences(before: Facts, after: Facts): { field: string; before: string; after: string }[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return fields
    .map((field) => ({ field, before: shown(before?.[field]), after: shown(after?.[field]) }))
    .filter((part) => part.before !== part.after)
}

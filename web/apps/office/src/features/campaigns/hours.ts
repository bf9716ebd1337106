// Hours as people write them here (`8:00`, `21:30`), and the minute of the day they are.

const HOUR = 60
const DAY = 24 * HOUR

export function minuteOf(typed: string): number | undefined {
  const found = /^(\d{1,2})(?:[:hg.](\d{2}))?$/.exec(typed.trim())
  if (found === null) return undefined
  const minute = Number(found[1]) * HOUR + Number(found[2] ?? 0)
  return Number(found[2] ?? 0) < HOUR && minute <= DAY ? minute : undefined
}

export const written = (minute: number): string => `${String(Math.floor(minute / HOUR))}:${String(minute % HOUR).padStart(2, '0')}`

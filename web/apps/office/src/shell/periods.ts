// Ready-made periods, as business days; months and years run until today.

const DAY_MS = 86_400_000

export type Period = { from: string; to: string }

export function periods(today: string): Record<'today' | 'yesterday' | 'week' | 'month' | 'year', Period> {
  const back = (days: number) => new Date(Date.parse(today) - days * DAY_MS).toISOString().slice(0, 10)
  return {
    today: { from: today, to: today },
    yesterday: { from: back(1), to: back(1) },
    week: { from: back(6), to: today },
    month: { from: `${today.slice(0, 8)}01`, to: today },
    year: { from: `${today.slice(0, 5)}01-01`, to: today },
  }
}

// When a branch is open, in words, by the clock of Viet Nam.

import { time } from '@placket/ui/format'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', weekday: 'short' })

export type Opening = { key: 'open_until' | 'opens' | 'closed'; time: string }

/** What to say of a branch's hours at a moment: until when it is open, when it opens today, or that it does not. */
export function opening(hours: Record<string, string>, at: Date): Opening {
  const day = weekday.format(at).toLowerCase().slice(0, 3) as (typeof DAYS)[number]
  const [opens, closes] = (hours[day] ?? '').split('-')
  if (opens === undefined || closes === undefined) return { key: 'closed', time: '' }
  const now = time(at)
  if (now < opens) return { key: 'opens', time: opens }
  return now < closes ? { key: 'open_until', time: closes } : { key: 'closed', time: '' }
}

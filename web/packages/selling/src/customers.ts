/** The customers of a branch as a till keeps them: found by what people say, worth what their points are now. Pure. */
import { folded } from './words.ts'

/** A customer as the server sends one; the phone's middle never leaves it. */
export type CustomerRow = [
  id: string, memberNo: number, name: string, phone: string | null, phoneEnd: string, birthday: string | null, points: number,
  pending: [untilMs: number, points: number][], creditVnd: number, lastSoldMs: number | null, earns: boolean, note: string | null,
  tier: string | null, segments: string[],
]

export interface Customer {
  id: string
  /** None until the server has given one: they were made here. */
  memberNo: number | null
  name: string
  /** Masked: `090 ••• 3456`. */
  phone: string | null
  phoneEnd: string
  /** `MM-DD`. */
  birthday: string | null
  points: number
  pending: readonly (readonly [untilMs: number, points: number])[]
  creditVnd: number
  lastSoldMs: number | null
  earns: boolean
  note: string | null
  tier: string | null
  /** Their RFM group, and the segments they are in: what promotions ask for. */
  segments: readonly string[]
}

/** What promotions may know of whoever buys. */
export type BuyerFacts = Pick<Customer, 'birthday' | 'tier' | 'segments'>

/** How points are earned and spent today. */
export interface LoyaltyTerms {
  earnPerVnd: number
  pointVnd: number
  spendPointsMin: number
  spendShareBpMax: number
}

export const SHOWN_LAST = 4
const SHOWN_FIRST = 3
const DIGITS_LEAST = 3
const WHOLE_BP = 10_000
const DAY_MS = 86_400_000
const WEEK_DAYS = 7
const VIETNAM_MS = 7 * 3_600_000
const MOBILE = /^0(3\d|5[25689]|7[06-9]|8\d|9\d)\d{7}$/
const LANDLINE = /^02\d{8,9}$/

export function customerOf(row: CustomerRow): Customer {
  const [id, memberNo, name, phone, phoneEnd, birthday, points, pending, creditVnd, lastSoldMs, earns, note, tier, segments] = row
  return { id, memberNo, name, phone, phoneEnd, birthday, points, pending, creditVnd, lastSoldMs, earns, note, tier, segments }
}

/** A phone number as it is dialled here, however it was typed; none when it cannot be one. */
export function dialled(typed: string): string | undefined {
  const digits = typed.replace(/\(0\)/, '').replace(/[^\d+]/g, '').replace(/^(\+84|0084|84)0?/, '0').replace(/\D/g, '')
  return MOBILE.test(digits) || LANDLINE.test(digits) ? digits : undefined
}

/** `0901233456` → `090 ••• 3456`. */
export function maskedPhone(national: string): string {
  return `${national.slice(0, SHOWN_FIRST)} ••• ${national.slice(-SHOWN_LAST)}`
}

/** Points that may be spent at a moment: those of the last days still wait. */
export function spendable(customer: Customer, nowMs: number): number {
  const waiting = customer.pending.reduce((sum, [untilMs, points]) => sum + (untilMs > nowMs ? points : 0), 0)
  return Math.max(0, customer.points - waiting)
}

/** The most points that may pay for a cart: what there is, what the rule allows; none when that is less than the least. */
export function mostPoints(customer: Customer, owedVnd: number, terms: LoyaltyTerms, nowMs: number): number {
  const shareVnd = Math.floor((owedVnd * terms.spendShareBpMax) / WHOLE_BP)
  const most = Math.min(spendable(customer, nowMs), Math.floor(shareVnd / terms.pointVnd))
  return most >= terms.spendPointsMin ? most : 0
}

/** The points that a total earns. */
export function pointsEarned(totalVnd: number, terms: LoyaltyTerms): number {
  return Math.floor(Math.max(0, totalVnd) / terms.earnPerVnd)
}

/** Whether somebody's birthday is today or within the next week, in Vietnam. */
export function birthdaySoon(birthday: string | null, nowMs: number): 'today' | 'week' | undefined {
  if (birthday === null) return undefined
  for (let day = 0; day <= WEEK_DAYS; day += 1) {
    const here = new Date(nowMs + VIETNAM_MS + day * DAY_MS).toISOString()
    if (here.slice('YYYY-'.length, 'YYYY-MM-DD'.length) === birthday) return day === 0 ? 'today' : 'week'
  }
  return undefined
}

/** Everybody a till knows, found at every key. */
export class CustomerIndex {
  private readonly places = new Map<string, number>()
  /** Names without marks, each word behind a space; side by side with the people, so that a search is one walk. */
  private readonly names: string[] = []
  private readonly people: (Customer | undefined)[] = []
  private readonly byEnd = new Map<string, Set<string>>()

  get size(): number {
    return this.places.size
  }

  get(id: string): Customer | undefined {
    return this.people[this.places.get(id) ?? -1]
  }

  put(customer: Customer): void {
    this.drop(customer.id)
    this.places.set(customer.id, this.people.length)
    this.people.push(customer)
    this.names.push(` ${folded(customer.name)}`)
    if (customer.phoneEnd === '') return
    const others = this.byEnd.get(customer.phoneEnd)
    if (others === undefined) this.byEnd.set(customer.phoneEnd, new Set([customer.id]))
    else others.add(customer.id)
  }

  drop(id: string): void {
    const place = this.places.get(id)
    const held = this.people[place ?? -1]
    if (place === undefined || held === undefined) return
    this.byEnd.get(held.phoneEnd)?.delete(id)
    this.places.delete(id)
    this.people[place] = undefined
    this.names[place] = ''
  }

  /**
   * People by the end of their phone (three or four digits), a whole phone, a member number, or the beginnings of words of
   * their name in any order. Who came last stands first.
   */
  find(text: string, limit = 20): Customer[] {
    const typed = text.trim()
    const digits = typed.replace(/[\s.\-()+]/g, '')
    const found = /^\d+$/.test(digits) ? this.byDigits(typed, digits) : this.byName(typed)
    return first(found, limit)
  }

  /** Whom a whole phone number may belong to, as far as its shown digits say. */
  likely(national: string): Customer[] {
    const shown = maskedPhone(national)
    return this.ending(national.slice(-SHOWN_LAST)).filter(({ phone }) => phone === shown)
  }

  /** Who carries a member's card with this number. */
  member(memberNo: number): Customer | undefined {
    return this.people.find((customer) => customer?.memberNo === memberNo)
  }

  private byDigits(typed: string, digits: string): Customer[] {
    if (digits.length < DIGITS_LEAST) return []
    const national = dialled(typed)
    if (national !== undefined) return this.likely(national)
    if (digits.length === SHOWN_LAST) return this.ending(digits)
    if (digits.length > SHOWN_LAST) {
      const member = this.member(Number(digits))
      return member === undefined ? [] : [member]
    }
    const ends = [...this.byEnd.keys()].filter((end) => end.endsWith(digits))
    return ends.flatMap((end) => this.ending(end))
  }

  private ending(end: string): Customer[] {
    return [...(this.byEnd.get(end) ?? [])].flatMap((id) => this.get(id) ?? [])
  }

  private byName(typed: string): Customer[] {
    const words = folded(typed).split(/\s+/).filter(Boolean).map((word) => ` ${word}`)
    if (words.length === 0) return []
    const found: Customer[] = []
    for (let place = 0; place < this.names.length; place += 1) {
      const name = this.names[place] ?? ''
      const customer = this.people[place]
      if (customer !== undefined && words.every((word) => name.includes(word))) found.push(customer)
    }
    return found
  }
}

/** The first of many, without sorting all of them. */
function first(found: readonly Customer[], limit: number): Customer[] {
  const best: Customer[] = []
  for (const customer of found) {
    const last = best[limit - 1]
    if (last !== undefined && compare(last, customer) <= 0) continue
    const place = best.findIndex((known) => compare(customer, known) < 0)
    best.splice(place < 0 ? best.length : place, 0, customer)
    if (best.length > limit) best.pop()
  }
  return best
}

/** Who came last goes first, then by name. */
function compare(one: Customer, other: Customer): number {
  const later = (other.lastSoldMs ?? 0) - (one.lastSoldMs ?? 0)
  if (later !== 0) return later
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0
}

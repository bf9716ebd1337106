// Knowing a colleague without the server: for three days after they have signed in here on line, bound to this device by a
// key that cannot leave the browser.

import type { Schemas } from '@placket/api'
import { db, keep, kept, type Verifier } from './db'

const ROUNDS = 310_000
const KEPT_MS = 72 * 3_600_000
const WRONG_MAX = 5
const LOCK_MS = 60_000

export type Recognised = { person: Verifier } | { locked_s: number } | { unknown: true } | { wrong: true }

/** What people prove themselves with: a PIN or a badge. Each is remembered by itself. */
export type Means = 'verifiers' | 'badges'

/** Remember somebody who has just signed in on line. */
export async function remember(
  secret: string, face: Omit<Verifier, 'salt' | 'hash' | 'madeAtMs'>, means: Means = 'verifiers',
): Promise<void> {
  if (globalThis.crypto.subtle === undefined) return
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)))
  const hash = await digest(secret, salt)
  const others = ((await kept(means)) ?? []).filter(({ staff }) => staff.id !== face.staff.id)
  await keep(means, [...others, { ...face, salt, hash, madeAtMs: Date.now() }])
  await forgive(face.staff.id)
}

/** Forget whom the branch no longer has. */
export async function keepOnly(staff: readonly Schemas['StaffTile'][]): Promise<void> {
  for (const means of ['verifiers', 'badges'] as const) {
    const known = (await kept(means)) ?? []
    const left = known.filter(({ staff: face }) => staff.some(({ id }) => id === face.id))
    if (left.length < known.length) await keep(means, left)
  }
}

/** Whom this device would know now. */
export async function remembered(means: Means = 'verifiers'): Promise<Verifier[]> {
  return ((await kept(means)) ?? []).filter(({ madeAtMs }) => Math.abs(Date.now() - madeAtMs) < KEPT_MS)
}

/** Check a secret against what this device knows; five wrong ones lock for a minute, also across a reload. */
export async function recognise(staffId: string, secret: string, means: Means = 'verifiers'): Promise<Recognised> {
  const tries = await triesOf(staffId)
  const leftMs = tries.untilMs - Date.now()
  if (leftMs > 0 && leftMs <= LOCK_MS) return { locked_s: Math.ceil(leftMs / 1_000) }
  const person = (await remembered(means)).find(({ staff }) => staff.id === staffId)
  if (person === undefined) return { unknown: true }
  if ((await digest(secret, person.salt)) === person.hash) {
    await forgive(staffId)
    return { person }
  }
  const wrong = tries.wrong + 1
  const locked = wrong >= WRONG_MAX
  const next = { wrong: locked ? 0 : wrong, untilMs: locked ? Date.now() + LOCK_MS : 0 }
  await keep('pin_tries', { ...(await kept('pin_tries')), [staffId]: next })
  return locked ? { locked_s: LOCK_MS / 1_000 } : { wrong: true }
}

/** A badge says whose it is; the device knows people by what it kept of them. */
export async function recogniseBadge(code: string): Promise<Recognised> {
  const number = Number(code.slice(2, 8))
  const person = (await remembered('badges')).find(({ staff }) => Number(staff.code) === number)
  return person === undefined ? { unknown: true } : recognise(person.staff.id, code, 'badges')
}

async function triesOf(staffId: string): Promise<{ wrong: number; untilMs: number }> {
  return (await kept('pin_tries'))?.[staffId] ?? { wrong: 0, untilMs: 0 }
}

async function forgive(staffId: string): Promise<void> {
  const { [staffId]: _, ...others } = (await kept('pin_tries')) ?? {}
  await keep('pin_tries', others)
}

async function digest(pin: string, salt: string): Promise<string> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const stretched = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: new TextEncoder().encode(salt), iterations: ROUNDS }, material, 256,
  )
  return hex(new Uint8Array(await crypto.subtle.sign('HMAC', await deviceKey(), stretched)))
}

/** A key of this device that no script can read. */
async function deviceKey(): Promise<CryptoKey> {
  const known = await kept('device_key')
  if (known !== undefined) return known
  const made = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  await db.kept.put({ name: 'device_key', value: made })
  return made
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

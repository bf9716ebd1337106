// Who somebody is: by the server, or without it by what this device has seen of them.

import { Refusal, Unreachable } from '@placket/api'
import type { Reaches } from '@placket/selling'
import { keep, type Session, type Verifier } from './db'
import { server } from './server'
import { recognise, recogniseBadge, remember } from './verifier'

/** The device alone does not let this person in; `code` says why. */
export class NotKnownHere extends Error {
  constructor(readonly code: 'wrong' | 'unknown' | 'locked', readonly seconds = 0) {
    super(code)
  }
}

/** What somebody proves themselves with: six digits, or the code of their badge. */
export type Proof = { staffId: string; pin: string } | { badge: string }

const OFFLINE_SHIFT_MS = 12 * 3_600_000
/** Signed in without the server: the proof waits in memory until it is back, and goes with the lock. */
let waiting: Proof | undefined

/** The session of whoever proves themselves: the server knows best, and without it this device. */
export async function proved(proof: Proof): Promise<Session> {
  try {
    return await signInOnline(proof)
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refusal && error.status >= 500)) throw error
    return signInHere(proof)
  }
}

async function signInOnline(proof: Proof): Promise<Session> {
  const answer = 'badge' in proof ? server.signInByBadge(proof.badge) : server.signIn(proof.staffId, proof.pin)
  const { token, expires_at: expiresAt, staff, permissions } = await answer
  const reaches: Reaches = permissions
  const face = { staff, verbs: Object.keys(permissions), reaches }
  const session: Session = { token, expiresAt, ...face }
  await keep('session', session)
  void ('badge' in proof ? remember(proof.badge, face, 'badges') : remember(proof.pin, face))
  waiting = undefined
  return session
}

async function signInHere(proof: Proof): Promise<Session> {
  const found = 'badge' in proof ? await recogniseBadge(proof.badge) : await recognise(proof.staffId, proof.pin)
  if ('locked_s' in found) throw new NotKnownHere('locked', found.locked_s)
  if (!('person' in found)) throw new NotKnownHere('wrong' in found ? 'wrong' : 'unknown')
  waiting = proof
  return sessionOf(found.person)
}

function sessionOf({ staff, verbs, reaches }: Verifier): Session {
  return { staff, verbs, reaches, expiresAt: new Date(Date.now() + OFFLINE_SHIFT_MS).toISOString() }
}

/** The server is back: it hears what the device alone has believed. None when it needs to hear nothing. */
export async function proveAgain(): Promise<Session | undefined> {
  return waiting === undefined ? undefined : signInOnline(waiting)
}

export function forgetProof(): void {
  waiting = undefined
}

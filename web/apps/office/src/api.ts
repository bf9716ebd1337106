// The office's door to the server, and what every screen remembers of its answers.

import { makeClient, Refusal, Unreachable, type Schemas } from '@placket/api'
import { QueryClient } from '@tanstack/vue-query'
import { ref } from 'vue'
import { language } from './i18n/index.ts'
import { Answers } from './shell/answers.ts'

/** Set when the server no longer knows who is asking; the router then shows the sign-in. */
export const signedOut = ref(false)

let session = 0
export const api = makeClient({ language, who: () => session, onSignedOut: () => (signedOut.value = true) })

export const queries = new QueryClient({
  queryCache: new Answers(),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      networkMode: 'always',
      refetchOnWindowFocus: false,
      // A refusal is an answer; only silence is asked again.
      retry: (failures, error) => error instanceof Unreachable && failures < 2,
      retryDelay: (failures) => 400 * 2 ** failures,
    },
    mutations: { networkMode: 'always' },
  },
})

/** Somebody has signed in: nothing that was known or asked before counts for them. */
export function welcome(me: Me): void {
  session += 1
  queries.clear()
  queries.setQueryData(['me'], me)
}

export type Me = Schemas['Me']
export type Place = Schemas['PlaceShown']

/** A sentence for a person about what went wrong: the server's own, else ours. */
export function sentenceOf(error: unknown, t: (key: string, named?: Record<string, unknown>) => string): string {
  if (error instanceof Unreachable) return error.reason === 'timeout' ? t('error.timeout') : t('error.network')
  if (error instanceof Refusal) return error.detail || t('error.unknown', { id: error.requestId })
  throw error
}

/** Whether somebody may do this (there, if a place is given). */
export function may(me: Me | undefined, verb: string, placeId?: string): boolean {
  const reach = me?.permissions[verb]
  if (reach === undefined) return false
  return placeId === undefined || reach.location_ids === null || reach.location_ids.includes(placeId)
}

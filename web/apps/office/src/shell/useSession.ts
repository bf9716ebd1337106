// Who is signed in, where they may look, and the places of the chain.

import { answer } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { useLocalStorage } from '@vueuse/core'
import { computed } from 'vue'
import { api, may, queries, type Me, type Place } from '../api.ts'

const ME = { queryKey: ['me'], queryFn: () => answer(api.GET('/api/me')), staleTime: 5 * 60_000 }
const PLACES = { queryKey: ['places'], queryFn: () => answer(api.GET('/api/locations')), staleTime: 5 * 60_000 }

/** Who is signed in, asked once and remembered. */
export const loadMe = (): Promise<Me> => queries.ensureQueryData(ME)
/** The places of the chain likewise: forms choose their first place from them when they open. */
export const loadPlaces = () => queries.ensureQueryData(PLACES)

export function useMe() {
  const query = useQuery(ME)
  const me = computed<Me | undefined>(() => query.data.value)
  return { me, may: (verb: string, placeId?: string) => may(me.value, verb, placeId) }
}

export function usePlaces() {
  const query = useQuery(PLACES)
  const places = computed<Place[]>(() => [...(query.data.value?.items ?? [])].sort((a, b) => a.position - b.position))
  const branches = computed(() => places.value.filter((place) => place.kind === 'branch'))
  const nameOf = (id: string | null | undefined) => places.value.find((place) => place.id === id)?.name ?? ''
  return { places, branches, nameOf }
}

/** Which branch one looks at, on every screen the same; an empty string is the whole chain. */
export const scope = useLocalStorage('placket.scope', '')

export async function signOut(): Promise<void> {
  await api.POST('/api/auth/sign-out').catch(() => undefined)
  queries.clear()
}

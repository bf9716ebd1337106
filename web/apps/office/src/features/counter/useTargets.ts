// What stands in a month's targets, what has been changed and not saved yet, and the sending of it.

import { answer } from '@placket/api'
import { useMutation, useQuery } from '@tanstack/vue-query'
import { computed, ref, shallowRef } from 'vue'
import { api } from '../../api.ts'
import { scope, useMe, usePlaces } from '../../shell/useSession.ts'
import { today } from './day.ts'
import { blockOf, cellOf, daysOf, fill, monthFrom, writtenVnd } from './targets.ts'

export function useTargets(onPasted: (done: { n: number; wrong: number }) => void) {
  const { may } = useMe()
  const { branches } = usePlaces()
  const month = ref(today().slice(0, 7))
  const days = computed(() => daysOf(month.value))
  const places = computed(() => {
    const mine = branches.value.filter(({ id }) => may('target.write', id))
    return mine.some(({ id }) => id === scope.value) ? mine.filter(({ id }) => id === scope.value) : mine
  })
  const query = useQuery({
    queryKey: computed(() => ['targets', month.value]),
    queryFn: ({ signal }) => answer(api.GET('/api/messages/targets', {
      params: { query: { from_on: `${month.value}-01`, to_on: days.value.at(-1) ?? `${month.value}-28` } }, signal,
    })),
  })
  const kept = computed(() => new Map((query.data.value?.items ?? []).map((one) => [cellOf(one.location_id, one.on_date), one.target_vnd])))
  const changes = shallowRef<ReadonlyMap<string, number | null>>(new Map())
  const wrong = shallowRef<ReadonlySet<string>>(new Set())

  const valueOf = (placeId: string, on: string): number | null => {
    const cell = cellOf(placeId, on)
    return changes.value.has(cell) ? (changes.value.get(cell) ?? null) : (kept.value.get(cell) ?? null)
  }
  const totals = computed(() => new Map(places.value.map(({ id }) =>
    [id, days.value.reduce((sum, on) => sum + (valueOf(id, on) ?? 0), 0)])))

  /** What stands there already is no change. */
  function change(next: ReadonlyMap<string, number | null>): void {
    const merged = new Map([...changes.value, ...next])
    changes.value = new Map([...merged].filter(([cell, vnd]) => (kept.value.get(cell) ?? null) !== vnd))
    wrong.value = new Set([...wrong.value].filter((cell) => !next.has(cell)))
  }

  function type(placeId: string, on: string, text: string): void {
    const vnd = writtenVnd(text)
    if (vnd === undefined) wrong.value = new Set([...wrong.value, cellOf(placeId, on)])
    else change(new Map([[cellOf(placeId, on), vnd]]))
  }

  function paste(text: string, from: { day: number; place: number }): void {
    const filled = fill(blockOf(text), from, days.value, places.value.map(({ id }) => id))
    change(filled.changes)
    onPasted({ n: filled.changes.size, wrong: filled.wrong })
  }

  function drop(): void {
    changes.value = new Map()
    wrong.value = new Set()
  }

  const save = useMutation({
    mutationFn: () => api.PUT('/api/messages/targets/plan', {
      body: {
        targets: [...changes.value].map(([cell, vnd]) => {
          const [locationId = '', on = ''] = cell.split('/')
          return { location_id: locationId, on, target_vnd: vnd }
        }),
      },
    }),
    onSuccess: async () => {
      await query.refetch()
      // What was typed while this was being saved is a change still.
      change(new Map())
    },
  })

  /** Another month; what was changed in this one and not saved is dropped. */
  function step(by: number): void {
    drop()
    month.value = monthFrom(month.value, by)
  }

  return { month, days, places, query, changes, wrong, valueOf, totals, step, type, paste, save, drop }
}

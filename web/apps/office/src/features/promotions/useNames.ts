// What the things are called that promotions name: groups, seasons, tags, styles, branches; and what there is to choose from.

import { answer } from '@placket/api'
import { useQueries, useQuery } from '@tanstack/vue-query'
import { useDebounceFn } from '@vueuse/core'
import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { language } from '../../i18n/index.ts'
import { usePlaces } from '../../shell/useSession.ts'
import { GROUPS } from '../../shell/groups.ts'
import type { GoodsKind } from './terms.ts'

type Kind = GoodsKind | 'segments' | 'tiers'

export interface Option {
  value: string
  label: string
  hint?: string | undefined
}

const FRESH = 5 * 60_000
/** Styles by id that somebody has asked the name of, of all screens. */
const wanted = ref<ReadonlySet<string>>(new Set())
const found = shallowRef<Option[]>([])

const named = (item: { name_vi: string; name_en: string }): string => (language() === 'vi' ? item.name_vi : item.name_en)

export function useNames() {
  const { nameOf: placeName } = usePlaces()
  const references = useQuery({ queryKey: ['catalogue', 'references'], queryFn: () => answer(api.GET('/api/catalogue/references')), staleTime: FRESH })
  const { t } = useI18n()
  const own = useQuery({ queryKey: ['segments', 'names'], queryFn: () => answer(api.GET('/api/segments/names')), staleTime: FRESH })
  const ranks = useQuery({ queryKey: ['tiers'], queryFn: () => answer(api.GET('/api/tiers')), staleTime: FRESH })
  const styles = useQueries({
    queries: computed(() => [...wanted.value].map((id) => ({
      queryKey: ['style', id],
      queryFn: () => answer(api.GET('/api/catalogue/styles/{style_id}', { params: { path: { style_id: id } } })),
      staleTime: FRESH,
    }))),
  })
  const styleName = computed(() => new Map([
    ...found.value.map(({ value, label }) => [value, label] as const),
    ...styles.value.flatMap(({ data }) => (data === undefined ? [] : [[data.id, named(data)] as const])),
  ]))

  const lists = computed<Record<Kind, Option[]>>(() => ({
    categories: (references.data.value?.categories ?? []).map((item) => ({ value: item.id, label: named(item) })),
    seasons: (references.data.value?.seasons ?? []).map((item) => ({ value: item.code, label: named(item) })),
    tags: (references.data.value?.tags ?? []).map((tag) => ({ value: tag, label: tag })),
    styles: found.value,
    variants: [],
    segments: [...GROUPS.map((key) => ({ value: key, label: t(`segments.names.${key}`), hint: 'RFM' })), ...(own.data.value ?? []).map(({ id, name }) => ({ value: id, label: name }))],
    tiers: (ranks.data.value ?? []).map((item) => ({ value: item.tier, label: named(item) })),
  }))

  /** The name of a thing; a style's is fetched when somebody asks, and none until then. */
  function nameOf(kind: Kind | 'places', id: string): string | undefined {
    if (kind === 'places') return placeName(id) || undefined
    if (kind === 'tags') return id
    if (kind === 'styles') {
      if (!styleName.value.has(id) && !wanted.value.has(id)) queueMicrotask(() => (wanted.value = new Set([...wanted.value, id])))
      return styleName.value.get(id)
    }
    return lists.value[kind].find(({ value }) => value === id)?.label
  }

  const findStyles = useDebounceFn(async (q: string) => {
    const page = await answer(api.GET('/api/catalogue/styles', { params: { query: { q: q || undefined, limit: 30 } } })).catch(() => undefined)
    if (page !== undefined) found.value = page.items.map((item) => ({ value: item.id, label: named(item), hint: item.code }))
  }, 180)

  const parentOf = (category: string): string | undefined => references.data.value?.categories.find(({ id }) => id === category)?.parent_id ?? undefined

  return { parentOf, optionsOf: (kind: Kind) => lists.value[kind], nameOf, findStyles }
}

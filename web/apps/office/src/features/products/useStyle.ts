// Decides what happens to a style in its editor: facts, the sheet of prices and barcodes, pictures. A new one is made whole.

import { answer, Refusal, type Schemas } from '@placket/api'
import { toast } from '@placket/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, sentenceOf } from '../../api.ts'
import { newId } from '../../shell/newId.ts'
import { cellKey, changed, priceOf } from './cells.ts'
import { differencesOf, dropDraft, heldDraft, keepDraft } from './draft.ts'

export type Style = Schemas['StyleShown']

export interface Facts {
  code: string
  name_vi: string
  name_en: string
  category_id: string
  season_id: string
  vat_class_id: string
  size_scale_id: string
  material: string
  description_vi: string
  tags: string
  status: 'draft' | 'active' | 'archived'
}

export const EMPTY: Facts = { code: '', name_vi: '', name_en: '', category_id: '', season_id: '', vat_class_id: '', size_scale_id: '', material: '', description_vi: '', tags: '', status: 'draft' }
const OWN_PREFIX = '20'
const CODE = /^[A-Z0-9][A-Z0-9-]{1,23}$/

export const tagsOf = (written: string): string[] => written.split(',').map((tag) => tag.trim()).filter(Boolean)
const factsOf = (style: Style): Facts => ({
  code: style.code, name_vi: style.name_vi, name_en: style.name_en, category_id: style.category_id, season_id: style.season_id ?? '', vat_class_id: style.vat_class_id,
  size_scale_id: style.size_scale_id, material: style.material ?? '', description_vi: style.description_vi ?? '', tags: style.tags.join(', '), status: style.status as Facts['status'],
})
/** The codes that came with the goods, not ours. */
const theirs = (codes: readonly string[]): string[] => codes.filter((code) => !(code.startsWith(OWN_PREFIX) && code.length === 13))

export function useReferences() {
  return useQuery({ queryKey: ['catalogue', 'references'], queryFn: () => answer(api.GET('/api/catalogue/references')), staleTime: 60_000 })
}
export function usePriceLists() {
  return useQuery({ queryKey: ['price-lists'], queryFn: ({ signal }) => answer(api.GET('/api/catalogue/price-lists', { signal })), staleTime: 0 })
}

export function useFacts(styleId: () => string | undefined) {
  const { t } = useI18n()
  const router = useRouter()
  const client = useQueryClient()
  const facts = ref<Facts>({ ...EMPTY })
  const colours = ref<string[]>([])
  const sizes = ref<string[]>([])
  const tried = ref(false)
  const query = useQuery({
    queryKey: computed(() => ['style', styleId()]),
    queryFn: ({ signal }) => answer(api.GET('/api/catalogue/styles/{style_id}', { params: { path: { style_id: styleId()! } }, signal })),
    enabled: computed(() => styleId() !== undefined),
    staleTime: 0,
  })
  const style = computed(() => query.data.value)
  const kept = ref('')
  /** When what stands here was typed, if it was before this page was opened. */
  const restored = ref<number>()
  watch(style, (now) => {
    if (now === undefined || (kept.value !== '' && JSON.stringify(facts.value) !== kept.value)) return
    facts.value = factsOf(now)
    kept.value = JSON.stringify(facts.value)
    restore(now.version)
  }, { immediate: true })
  const dirty = computed(() => (kept.value === '' ? facts.value.code !== '' : JSON.stringify(facts.value) !== kept.value))
  if (styleId() === undefined) restore(0)
  watch(facts, () => {
    if (dirty.value) keepDraft(styleId(), { facts: facts.value, version: style.value?.version ?? 0, atMs: Date.now() })
    else dropDraft(styleId())
  }, { deep: true })

  /** A draft over an older version than the style has now says nothing any more. */
  function restore(version: number): void {
    const draft = heldDraft(styleId())
    if (draft?.version !== version) return
    facts.value = { ...draft.facts }
    restored.value = draft.atMs
  }
  function discard(): void {
    facts.value = style.value === undefined ? { ...EMPTY } : factsOf(style.value)
    restored.value = undefined
    dropDraft(styleId())
  }
  const faults = computed(() => {
    const required = (value: string): string | undefined => (value.trim() === '' ? t('error.required') : undefined)
    const { code, name_vi, name_en, category_id, vat_class_id, size_scale_id } = facts.value
    return {
      code: CODE.test(code.trim().toUpperCase()) ? undefined : t('products.fault_code'),
      name_vi: required(name_vi), name_en: required(name_en), category_id: required(category_id), vat_class_id: required(vat_class_id), size_scale_id: required(size_scale_id),
      colours: styleId() === undefined && colours.value.length === 0 ? t('products.fault_colours') : undefined,
    }
  })
  const shown = computed<Partial<typeof faults.value>>(() => (tried.value ? faults.value : {}))
  const id = newId()
  const after = (made: Style): void => {
    kept.value = ''
    restored.value = undefined
    dropDraft(styleId())
    client.setQueryData(['style', made.id], made)
    void client.invalidateQueries({ queryKey: ['styles'] })
    void client.invalidateQueries({ queryKey: ['catalogue', 'references'] })
  }
  const save = useMutation({
    mutationFn: async () => {
      const { code, size_scale_id, season_id, material, description_vi, tags, ...rest } = facts.value
      const body = { ...rest, name_vi: rest.name_vi.trim(), name_en: rest.name_en.trim(), season_id: season_id || null, material: material.trim() || null, description_vi: description_vi.trim() || null, tags: tagsOf(tags) }
      const now = style.value
      if (now !== undefined) return answer(api.PATCH('/api/catalogue/styles/{style_id}', { params: { path: { style_id: now.id } }, body: { ...body, version: now.version } }))
      return answer(api.POST('/api/catalogue/styles', { body: { id, code: code.trim().toUpperCase(), size_scale_id, colour_ids: colours.value, size_ids: sizes.value.length > 0 ? sizes.value : null, ...body } }))
    },
    onSuccess: (made) => {
      const isNew = style.value === undefined
      after(made)
      toast(t('products.style_saved', { code: made.code }))
      if (isNew) void router.replace({ name: 'style', params: { styleId: made.id } })
    },
  })
  const addColours = useMutation({
    mutationFn: (ids: string[]) => answer(api.POST('/api/catalogue/styles/{style_id}/variants', { params: { path: { style_id: styleId()! } }, body: { colour_ids: ids, size_ids: null } })),
    onSuccess: (made) => {
      // What is being typed stays: it goes over the style as it is now.
      if (dirty.value) keepDraft(made.id, { facts: facts.value, version: made.version, atMs: Date.now() })
      client.setQueryData(['style', made.id], made)
      void client.invalidateQueries({ queryKey: ['styles'] })
    },
  })
  const differences = computed(() => (style.value === undefined ? [] : differencesOf(factsOf(style.value), facts.value)))
  /** Whether everything is there that a style needs. */
  function ready(): boolean {
    tried.value = true
    return Object.values(faults.value).every((fault) => fault === undefined)
  }
  const reload = (): Promise<unknown> => {
    dropDraft(styleId())
    kept.value = ''
    save.reset()
    return query.refetch()
  }
  return { query, style, facts, colours, sizes, faults: shown, dirty, restored, discard, differences, ready, save, addColours, reload }
}

export function useSheet(style: () => Style) {
  const { t } = useI18n()
  const client = useQueryClient()
  const lists = usePriceLists()
  const mode = ref<'prices' | 'barcodes'>('prices')
  const listId = ref('')
  const cells = ref<Record<string, string>>({})
  const before = ref<Record<string, string>>({})
  const faults = ref<Record<string, string>>({})

  const variants = computed(() => new Map(style().all_variants.map((variant) => [cellKey(variant.colour_id, variant.size_id), variant])))
  const rows = computed(() => [...new Map(style().all_variants.map((v) => [v.colour_id, { id: v.colour_id, code: v.colour_code, vi: v.colour_vi, en: v.colour_en, hex: v.hex }])).values()])
  const has = (row: string, column: string): boolean => variants.value.has(cellKey(row, column))
  const list = computed(() => lists.data.value?.items.find(({ id }) => id === listId.value))
  // The list that has this style's prices already, else the oldest: it is the one everything else stands on.
  watch([() => lists.data.value, () => style().id], () => {
    const items = lists.data.value?.items ?? []
    listId.value ||= items.findLast(({ id }) => style().prices.some((price) => price.price_list_id === id))?.id ?? items.at(-1)?.id ?? ''
  }, { immediate: true })

  function asRead(): Record<string, string> {
    const prices = style().prices.filter(({ price_list_id: id }) => id === listId.value)
    const common = prices.find(({ variant_id: id }) => id === null)
    const shown = (variant: Style['all_variants'][number]): string => {
      if (mode.value === 'barcodes') return theirs(variant.barcodes).join(' ')
      const price = prices.find(({ variant_id: id }) => id === variant.id) ?? common
      return price === undefined ? '' : price.price_vnd.toLocaleString('vi-VN')
    }
    return Object.fromEntries([...variants.value].map(([key, variant]) => [key, shown(variant)]))
  }
  function read(): void {
    before.value = asRead()
    cells.value = { ...before.value }
    faults.value = {}
  }
  const dirty = computed(() => changed(before.value, cells.value))
  // Which list stands there says nothing of barcodes: they are not read again when the lists arrive.
  watch(() => (mode.value === 'prices' ? listId.value : mode.value), read, { immediate: true })
  // What is read anew goes under what somebody has typed.
  watch([() => style().all_variants, () => style().prices], () => {
    const typed = Object.fromEntries(dirty.value.map((key) => [key, cells.value[key]!]))
    before.value = asRead()
    cells.value = { ...before.value, ...typed }
  })

  const save = useMutation({
    mutationFn: async () => {
      faults.value = {}
      await (mode.value === 'prices' ? savePrices() : saveBarcodes())
      if (Object.keys(faults.value).length > 0) return
      toast(t('products.sheet_saved', { n: dirty.value.length }))
      await client.invalidateQueries({ queryKey: ['style', style().id] })
      void client.invalidateQueries({ queryKey: ['styles'] })
    },
  })

  async function savePrices(): Promise<void> {
    const wrong = dirty.value.filter((key) => priceOf(cells.value[key]!) === undefined)
    faults.value = Object.fromEntries(wrong.map((key) => [key, t('products.fault_price', { sku: variants.value.get(key)!.sku })]))
    if (wrong.length > 0) return
    const own = style().prices.some(({ price_list_id: id, variant_id: of }) => id === listId.value && of !== null)
    const all = new Set(Object.values(cells.value).map(priceOf))
    const one = [...all][0]
    const prices = !own && all.size === 1 && one !== undefined
      ? [{ style_id: style().id, variant_id: null, price_vnd: one }]
      : dirty.value.map((key) => ({ style_id: style().id, variant_id: variants.value.get(key)!.id, price_vnd: priceOf(cells.value[key]!)! }))
    await api.PUT('/api/catalogue/price-lists/{price_list_id}/prices', { params: { path: { price_list_id: listId.value } }, body: { prices } })
  }

  async function saveBarcodes(): Promise<void> {
    for (const key of dirty.value) {
      const { id, barcodes } = variants.value.get(key)!
      const wanted = cells.value[key]!.split(/[\s,;]+/).filter(Boolean)
      try {
        for (const code of wanted.filter((each) => !barcodes.includes(each))) await api.POST('/api/catalogue/variants/{variant_id}/barcodes', { params: { path: { variant_id: id } }, body: { code } })
        for (const code of theirs(barcodes).filter((each) => !wanted.includes(each))) await api.DELETE('/api/catalogue/variants/{variant_id}/barcodes/{code}', { params: { path: { variant_id: id, code } } })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        faults.value = { ...faults.value, [key]: `${variants.value.get(key)!.sku}: ${sentenceOf(error, t)}` }
      }
    }
  }
  return { lists, mode, listId, list, rows, has, cells, faults, dirty, save, undo: read }
}

// Decides what happens to one promotion: its text is kept as a draft by itself, published and stopped when somebody says so.

import { answer, Refusal } from '@placket/api'
import { clock, toast } from '@placket/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useDebounceFn, useEventListener } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api } from '../../api.ts'
import { language } from '../../i18n/index.ts'
import { copyOf, PATTERNS, tidy, wrongIn, type Limits, type Terms, type Text } from './terms.ts'
import { limitsOf, termsOf, type Whole } from './usePromotions.ts'

const PAUSE_MS = 1_200
/** A version of the text that nobody has kept yet. */
const NEW = 0

export function usePromotion(id: string, pattern: string) {
  const { t } = useI18n()
  const client = useQueryClient()
  const router = useRouter()
  const text = ref<Text>()
  const kept = ref('')
  const rowVersion = ref(NEW)
  const savedAt = ref<number>()

  const query = useQuery({
    queryKey: ['promotion', id],
    queryFn: ({ signal }) => answer(api.GET('/api/promotions/{promotion_id}', { params: { path: { promotion_id: id } }, signal })),
    enabled: computed(() => pattern === '' || rowVersion.value !== NEW),
    staleTime: 0,
    refetchOnMount: 'always',
  })
  const whole = computed<Whole | undefined>(() => query.data.value)

  const asKept = (from: Text): string => JSON.stringify({ ...from, name_vi: from.name_vi.trim(), name_en: from.name_en.trim(), terms: tidy(from.terms) })
  const dirty = computed(() => text.value !== undefined && asKept(text.value) !== kept.value)
  const wrong = computed(() => (text.value === undefined ? [] : wrongIn(text.value)))

  function take(row: Whole): void {
    text.value = { name_vi: row.name_vi, name_en: row.name_en, terms: copyOf(termsOf(row)), limits: { ...limitsOf(row) } }
    kept.value = asKept(text.value)
    rowVersion.value = row.row_version
  }
  // What somebody is writing is never replaced by what the server has, and an answer from before the last save says nothing.
  watch(whole, (row) => row !== undefined && (text.value === undefined || (!dirty.value && row.row_version >= rowVersion.value)) && take(row), { immediate: true })
  const copied = pattern === 'copy' ? sessionStorage.getItem('placket.promotion.copy') : null
  if (copied !== null) {
    const from = JSON.parse(copied) as Text
    text.value = { ...from, name_vi: t('promotions.copy_of', { name: from.name_vi }) }
  } else if (pattern !== '') {
    const start = PATTERNS[pattern as keyof typeof PATTERNS] ?? PATTERNS.percent
    text.value = { name_vi: t(`promotions.pattern.${pattern}`), name_en: language() === 'en' ? t(`promotions.pattern.${pattern}`) : '', terms: start(), limits: {} }
  }

  /** Saves stand in line: each names the version that the one before it has made. */
  let line: Promise<unknown> = Promise.resolve()
  const save = useMutation({
    mutationFn: () => {
      const next = line.then(keepNow)
      line = next.catch(() => undefined)
      return next
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['promotions'] })
      void query.refetch()
    },
  })

  async function keepNow(): Promise<void> {
    const sent = text.value!
    const body = { name_vi: sent.name_vi.trim(), name_en: sent.name_en.trim(), terms: tidy(sent.terms) as unknown as Record<string, unknown>, limits: { ...sent.limits } as Record<string, unknown> }
    const mark = asKept(sent)
    const isNew = rowVersion.value === NEW
    const made = isNew
      ? await answer(api.POST('/api/promotions', { body: { id, ...body } }))
      : await answer(api.PUT('/api/promotions/{promotion_id}', { params: { path: { promotion_id: id } }, body: { ...body, row_version: rowVersion.value } }))
    rowVersion.value = made.row_version
    kept.value = mark
    savedAt.value = Date.now()
    // From now on the address is that of a draft which is there.
    if (isNew) void router.replace({ query: {} })
  }
  const keepSoon = useDebounceFn(() => {
    if (dirty.value && wrong.value.length === 0 && !save.isPending.value && !(save.error.value instanceof Refusal && save.error.value.code === 'promotion_changed')) save.mutate()
  }, PAUSE_MS)
  watch(text, () => void keepSoon(), { deep: true })
  useEventListener('beforeunload', (event: BeforeUnloadEvent) => dirty.value && event.preventDefault())

  const publish = useMutation({
    mutationFn: async () => {
      if (dirty.value) await save.mutateAsync()
      return answer(api.POST('/api/promotions/{promotion_id}/publish', { params: { path: { promotion_id: id } }, body: { row_version: rowVersion.value } }))
    },
    onSuccess: (made) => after(made.row_version, t('promotions.published')),
  })
  const stop = useMutation({
    mutationFn: () => answer(api.POST('/api/promotions/{promotion_id}/stop', { params: { path: { promotion_id: id } }, body: { row_version: rowVersion.value } })),
    onSuccess: (made) => after(made.row_version, t('promotions.stopped')),
  })
  function after(version: number, said: string): void {
    rowVersion.value = version
    toast(said)
    for (const key of ['promotions', 'promotion-confirmations']) void client.invalidateQueries({ queryKey: [key] })
    void query.refetch()
  }

  /** Throw away what was written here and read what somebody else has kept. */
  async function reload(): Promise<void> {
    save.reset()
    text.value = undefined
    await query.refetch()
    if (whole.value !== undefined) take(whole.value)
  }
  /** Write on from an earlier version. */
  function restore(version: { terms: Record<string, unknown>; limits: Record<string, unknown> }): void {
    if (text.value !== undefined) text.value = { ...text.value, terms: copyOf(termsOf(version)), limits: { ...limitsOf(version) } }
  }
  const note = computed(() =>
    save.isPending.value ? t('promotions.saving') : dirty.value ? t(wrong.value.length > 0 ? 'promotions.not_yet_kept' : 'promotions.unsaved') : savedAt.value === undefined ? '' : t('promotions.saved_at', { at: clock(savedAt.value) }))

  const setTerms = (terms: Terms): void => { if (text.value) text.value = { ...text.value, terms } }
  const setLimits = (limits: Limits): void => { if (text.value) text.value = { ...text.value, limits } }
  return { query, whole, text, wrong, dirty, note, save, publish, stop, reload, restore, setTerms, setLimits }
}

// Decides what is tried on the promotion that is being written: a cart, a branch, a customer, a moment; the server prices it.

import { answer, Refusal, type Schemas } from '@placket/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { refDebounced, useLocalStorage } from '@vueuse/core'
import { computed, ref } from 'vue'
import { api } from '../../api.ts'
import { usePlaces } from '../../shell/useSession.ts'
import { momentOf, tidy, wrongIn, type Text } from './terms.ts'
import { codeOf } from './useVouchers.ts'

export type Found = Schemas['VariantFound']
export interface Line {
  variant: Found
  qty: number
}

const PAUSE_MS = 200
const QTY_MAX = 999

export function useTrial(id: string, text: () => Text | undefined) {
  const { branches } = usePlaces()
  // The cart stays from one promotion to the next: that is how two of them are compared.
  const lines = useLocalStorage<Line[]>('placket.trial.lines', [])
  const place = useLocalStorage('placket.trial.place', '')
  const customer = ref<Schemas['CustomerListed']>()
  const vouchers = ref<string[]>([])
  const written = ref('')
  const at = computed(() => momentOf(written.value))
  const placeId = computed(() => branches.value.find((each) => each.id === place.value)?.id ?? branches.value[0]?.id ?? '')

  const asked = computed(() => {
    const now = text()
    const draft = now !== undefined && wrongIn(now).every(({ block }) => block === 'name') ? { promotion_id: id, terms: tidy(now.terms) as unknown as Record<string, unknown>, limits: { ...now.limits } as Record<string, unknown> } : null
    return {
      lines: lines.value.map(({ variant, qty }) => ({ variant_id: variant.id, qty })),
      location_id: placeId.value,
      channel: 'store' as const,
      at: at.value === undefined ? null : new Date(at.value).toISOString(),
      customer_id: customer.value?.id ?? null,
      vouchers: vouchers.value,
      draft,
    }
  })
  const body = refDebounced(asked, PAUSE_MS)
  const took = ref<number>()
  const query = useQuery({
    queryKey: computed(() => ['trial', JSON.stringify(body.value)]),
    queryFn: async ({ signal }) => {
      const begun = performance.now()
      const answered = await answer(api.POST('/api/sales/try', { body: body.value, signal }))
      took.value = performance.now() - begun
      return answered
    },
    enabled: computed(() => body.value.lines.length > 0 && body.value.location_id !== ''),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })

  const words = ref('')
  const typed = refDebounced(words, 120)
  const found = useQuery({
    queryKey: computed(() => ['trial-search', typed.value]),
    queryFn: ({ signal }) => answer(api.GET('/api/catalogue/search', { params: { query: { q: typed.value, limit: 6 } }, signal })),
    enabled: computed(() => typed.value.trim().length > 1 && codeOf(typed.value) === undefined),
  })

  function add(variant: Found): void {
    const known = lines.value.find((line) => line.variant.id === variant.id)
    if (known) setQty(variant.id, known.qty + 1)
    else lines.value = [...lines.value, { variant, qty: 1 }]
    words.value = ''
  }
  function setQty(variantId: string, qty: number): void {
    lines.value = qty < 1 ? lines.value.filter((line) => line.variant.id !== variantId) : lines.value.map((line) => (line.variant.id === variantId ? { ...line, qty: Math.min(QTY_MAX, qty) } : line))
  }
  /** Enter, as a scanner sends it: a voucher's code, or the first of what was found. */
  async function enter(): Promise<boolean> {
    const code = codeOf(words.value)
    if (code !== undefined) {
      vouchers.value = [...new Set([...vouchers.value, code])]
      words.value = ''
      return true
    }
    const page = await answer(api.GET('/api/catalogue/search', { params: { query: { q: words.value, limit: 1 } } })).catch(() => undefined)
    const first = page?.items[0]
    if (first) add(first)
    return first !== undefined
  }
  /** A voucher that cannot be used stays out of the cart, and the sentence says why. */
  const refusal = computed(() => (query.error.value instanceof Refusal ? query.error.value.detail : undefined))

  return { lines, place, placeId, customer, vouchers, written, at, query, took, words, found, add, setQty, enter, refusal }
}

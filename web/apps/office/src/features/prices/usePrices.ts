// Decides what the price lists page does: plan a list, fill it by a pasted table or by a share off, set its prices.

import { answer, type Schemas } from '@placket/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api } from '../../api.ts'
import { newId } from '../../shell/newId.ts'
import { onLive } from '../../shell/useLive.ts'
import { listCode, markedDown, type Pasted } from './rows.ts'

export type List = Schemas['PriceListShown']
type Style = Schemas['StyleListed']
export interface Proposed {
  line: number
  code: string
  style: Style | undefined
  price_vnd: number | undefined
}

const PAGE = 100
const AT_ONCE = 6
export const PRICES_MAX = 1_000

export function useLists() {
  const query = useQuery({ queryKey: ['price-lists'], queryFn: ({ signal }) => answer(api.GET('/api/catalogue/price-lists', { signal })), staleTime: 0 })
  onLive(['prices.changed'], () => void query.refetch())
  return query
}

export interface Plan {
  name: string
  starts: number
  ends: number | undefined
  location_id: string
  channel: 'store' | 'web' | ''
  priority: number
}

export function usePlan(done: (id: string) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (plan: Plan) => {
      const id = newId()
      await api.POST('/api/catalogue/price-lists', {
        body: {
          id, code: listCode(plan.starts), name: plan.name.trim(), starts_at: new Date(plan.starts).toISOString(), ends_at: plan.ends === undefined ? null : new Date(plan.ends).toISOString(),
          channel: plan.channel || null, location_id: plan.location_id || null, priority: plan.priority,
        },
      })
      return id
    },
    onSuccess: async (id) => {
      await client.invalidateQueries({ queryKey: ['price-lists'] })
      done(id)
    },
  })
}

/** Every style of a group, season or tag, as the list shows it. */
async function stylesOf(wanted: { category: string; season: string; tag: string }): Promise<Style[]> {
  const found: Style[] = []
  for (let cursor: string | undefined, more = true; more && found.length < PRICES_MAX;) {
    const page = await answer(api.GET('/api/catalogue/styles', { params: { query: { category_id: wanted.category || undefined, season_id: wanted.season || undefined, status: 'active', limit: PAGE, cursor } } }))
    found.push(...page.items.filter(({ tags }) => wanted.tag === '' || tags.includes(wanted.tag)))
    cursor = page.next_cursor ?? undefined
    more = cursor !== undefined
  }
  return found.slice(0, PRICES_MAX)
}

export function useProposal() {
  const pasted = useMutation({
    mutationFn: async (rows: readonly Pasted[]): Promise<Proposed[]> => {
      const found = new Map<string, Style>()
      const codes = [...new Set(rows.map(({ code }) => code))]
      const ask = async (): Promise<void> => {
        for (let code = codes.pop(); code !== undefined; code = codes.pop()) {
          const page = await answer(api.GET('/api/catalogue/styles', { params: { query: { q: code, limit: 5 } } }))
          const style = page.items.find((item) => item.code === code)
          if (style) found.set(code, style)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, ask))
      return rows.map((row) => ({ ...row, style: found.get(row.code) }))
    },
  })
  const cheaper = useMutation({
    mutationFn: async (wanted: { category: string; season: string; tag: string; bp: number }): Promise<Proposed[]> =>
      (await stylesOf(wanted)).filter(({ price_vnd }) => price_vnd !== null).map((style, index) => ({ line: index + 1, code: style.code, style, price_vnd: markedDown(style.price_vnd!, wanted.bp) })),
  })
  return { pasted, cheaper }
}

export function useSetPrices(done: (n: number) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ listId, rows }: { listId: string; rows: readonly Proposed[] }) => {
      const prices = rows.map(({ style, price_vnd }) => ({ style_id: style!.id, variant_id: null, price_vnd: price_vnd! }))
      await api.PUT('/api/catalogue/price-lists/{price_list_id}/prices', { params: { path: { price_list_id: listId } }, body: { prices } })
      return prices.length
    },
    onSuccess: (n) => {
      void client.invalidateQueries({ queryKey: ['styles'] })
      done(n)
    },
  })
}

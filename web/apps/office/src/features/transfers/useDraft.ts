// Decides what becomes of a transfer that is being written: kept as a draft, asked for, or both in one go.

import { answer, Refusal } from '@placket/api'
import { toast } from '@placket/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api } from '../../api.ts'
import { nameOfTransfer } from '../../shell/codeOf.ts'
import { newId } from '../../shell/newId.ts'
import type { Goods } from '../../shell/useGoods.ts'
import { usePlaces } from '../../shell/useSession.ts'
import type { Transfer } from './transfer.ts'

export type DraftGoods = Pick<Goods, 'id' | 'sku' | 'name_vi' | 'name_en' | 'colour_vi' | 'colour_en' | 'size'> & { hex?: string }
export interface DraftLine { goods: DraftGoods; qty: number }

const QTY_MAX = 9_999
const isChanged = (error: unknown): boolean => error instanceof Refusal && error.code === 'draft_changed'

export function useDraft(draftId: () => string | undefined) {
  const { t } = useI18n()
  const router = useRouter()
  const client = useQueryClient()
  const { places } = usePlaces()

  const fromId = ref('')
  const toId = ref('')
  const note = ref('')
  const lines = ref<DraftLine[]>([])
  const kept = ref<Transfer>()
  let id = newId()

  watch(places, (now) => { fromId.value ||= now.find(({ kind }) => kind === 'depot')?.id ?? now[0]?.id ?? '' }, { immediate: true })
  // What is asked for is part of what the id stands for: changed before it was ever sent, it is another transfer.
  watch([fromId, toId, lines], () => (id = newId()), { deep: true })

  const held = useQuery({
    queryKey: computed(() => ['transfer', draftId()]),
    queryFn: ({ signal }) => answer(api.GET('/api/transfers/{transfer_id}', { params: { path: { transfer_id: draftId() ?? '' } }, signal })),
    enabled: computed(() => draftId() !== undefined),
    staleTime: 0,
  })
  watch(held.data, (now) => { if (now !== undefined && kept.value === undefined) fill(now) }, { immediate: true })

  function fill(now: Transfer): void {
    if (now.state !== 'draft') return void router.replace({ name: 'transfer', params: { transferId: now.id } })
    kept.value = now
    fromId.value = now.from_id
    toId.value = now.to_id
    note.value = now.note ?? ''
    lines.value = now.lines.map((line) => ({ goods: { ...line, id: line.variant_id }, qty: line.asked }))
  }

  function add(goods: DraftGoods, qty: number): void {
    const known = lines.value.find((line) => line.goods.id === goods.id)
    if (known) known.qty = Math.min(QTY_MAX, known.qty + qty)
    else lines.value = [{ goods, qty }, ...lines.value]
  }

  const setQty = (line: DraftLine, typed: string): void => void (line.qty = Math.min(QTY_MAX, Math.max(1, Math.trunc(Number(typed)) || 1)))
  const written = () => ({
    from_id: fromId.value, to_id: toId.value, note: note.value.trim() || null, lines: lines.value.map(({ goods, qty }) => ({ variant_id: goods.id, qty })),
  })

  async function write(draft: boolean): Promise<Transfer> {
    const before = kept.value
    if (before === undefined) return answer(api.POST('/api/transfers', { body: { id, ...written(), draft } }))
    const path = { path: { transfer_id: before.id } }
    kept.value = await answer(api.PUT('/api/transfers/{transfer_id}/draft', { params: path, body: { ...written(), version: before.version } }))
    return draft ? kept.value : answer(api.POST('/api/transfers/{transfer_id}/submit', { params: path, body: { id: newId() } }))
  }

  const send = useMutation({
    mutationFn: write,
    onSuccess: (now, draft) => {
      client.setQueryData(['transfer', now.id], now)
      const code = nameOfTransfer(now.code)
      toast(t(draft ? 'transfers.draft_kept' : 'transfers.asked_done', { code }))
      if (draft) kept.value = now
      void router.replace({ name: draft ? 'transfer-draft' : 'transfer', params: { transferId: now.id } })
    },
    onError: (error) => { if (isChanged(error)) void held.refetch() },
  })

  /** Take what somebody else has written meanwhile. */
  async function reload(): Promise<void> {
    const { data } = await held.refetch()
    if (data === undefined) return
    send.reset()
    fill(data)
  }

  return {
    fromId, toId, note, lines, kept, add, setQty, send, reload, held,
    changed: computed(() => isChanged(send.error.value)),
    pieces: computed(() => lines.value.reduce((sum, { qty }) => sum + qty, 0)),
    ready: computed(() => lines.value.length > 0 && fromId.value !== '' && toId.value !== '' && fromId.value !== toId.value),
  }
}

// Decides what happens to one transfer: every scan of picking goes to the server at once, what is unpacked waits here until
// somebody says that it is all.

import { answer, Refusal } from '@placket/api'
import { toast } from '@placket/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, sentenceOf } from '../../api.ts'
import { nameOfTransfer } from '../../shell/codeOf.ts'
import { newId } from '../../shell/newId.ts'
import { onLive } from '../../shell/useLive.ts'
import { useMe } from '../../shell/useSession.ts'
import type { Goods } from '../../shell/useGoods.ts'
import { isDraft, isOnTheWay, isPreparing, missingAfter, piecesIn, type Transfer, type Unpacked } from './transfer.ts'

export interface Amber {
  variantId: string
  promised: number
}

export function useTransfer(transferId: () => string) {
  const { t } = useI18n()
  const { may } = useMe()
  const client = useQueryClient()
  const key = computed(() => ['transfer', transferId()])
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => answer(api.GET('/api/transfers/{transfer_id}', { params: { path: { transfer_id: transferId() } }, signal })),
  })
  const transfer = computed<Transfer | undefined>(() => query.data.value)
  onLive(['transfer.changed'], (events) => {
    if (events.some((event) => event.key === transferId())) void query.refetch()
  })

  const unpacked = ref<Unpacked>({})
  watch(transferId, () => (unpacked.value = {}))
  const trouble = ref('')
  /** Promised pieces that somebody has to look at before the boxes leave. */
  const amber = ref<Amber[]>([])

  const mayPick = computed(() => transfer.value !== undefined && isPreparing(transfer.value) && may('stock.handle', transfer.value.from_id))
  const mayReceive = computed(() => transfer.value !== undefined && isOnTheWay(transfer.value) && may('stock.handle', transfer.value.to_id))
  const mayCancel = computed(() => {
    const one = transfer.value
    return one !== undefined && (isPreparing(one) || isDraft(one)) && (may('stock.transfer', one.from_id) || may('stock.transfer', one.to_id))
  })
  const mayWrite = computed(() => mayCancel.value && transfer.value !== undefined && isDraft(transfer.value))
  const maySettle = computed(() => {
    const one = transfer.value
    return one !== undefined && (may('stock.adjust', one.from_id) || may('stock.adjust', one.to_id))
  })

  const path = () => ({ params: { path: { transfer_id: transferId() } } })
  const took = (now: Transfer): void => void client.setQueryData(key.value, now)
  const skuOf = (variantId: string): string => transfer.value?.lines.find((line) => line.variant_id === variantId)?.sku ?? ''

  function failed(error: unknown): void {
    const facts = error instanceof Refusal ? (error.facts.lines as { variant_id: string; picked: number; free: number; promised: number }[] | undefined) : undefined
    amber.value = error instanceof Refusal && error.code === 'look_first' ? (facts ?? []).map((line) => ({ variantId: line.variant_id, promised: line.promised })) : []
    if (amber.value.length > 0) return
    const lacking = error instanceof Refusal && error.code === 'shipped_too_many' ? (facts ?? []).map((line) => t('transfers.lacking', { sku: skuOf(line.variant_id), picked: line.picked, free: line.free })) : []
    trouble.value = [sentenceOf(error, t), ...lacking].join(' ')
    void query.refetch()
  }

  // Scans follow one another faster than answers: they wait in line, so that none of them overtakes another.
  let line: Promise<unknown> = Promise.resolve()
  function pick(lines: readonly { variant_id: string; qty: number }[]): void {
    trouble.value = ''
    const id = newId()
    line = line.then(() => sendPicked(id, lines))
  }

  async function sendPicked(id: string, lines: readonly { variant_id: string; qty: number }[]): Promise<void> {
    try {
      took(await answer(api.POST('/api/transfers/{transfer_id}/pick', { ...path(), body: { id, lines: [...lines] } })))
    } catch (error) {
      failed(error)
    }
  }

  function scanPicked(goods: Goods): void {
    const found = transfer.value?.lines.find((one) => one.variant_id === goods.id)
    if (found === undefined) trouble.value = t('transfers.not_on', { sku: goods.sku })
    else if (found.picked >= found.asked) trouble.value = t('transfers.picked_enough', { sku: goods.sku, n: found.asked })
    else pick([{ variant_id: goods.id, qty: 1 }])
  }

  const pickAll = (): void =>
    pick((transfer.value?.lines ?? []).filter((one) => one.asked > one.picked).map((one) => ({ variant_id: one.variant_id, qty: one.asked - one.picked })))

  function unpack(variantId: string, as: 'good' | 'damaged', by: number): void {
    trouble.value = ''
    const now = unpacked.value[variantId] ?? { good: 0, damaged: 0 }
    unpacked.value = { ...unpacked.value, [variantId]: { ...now, [as]: Math.max(0, now[as] + by) } }
  }

  const unpackAll = (): void => {
    unpacked.value = Object.fromEntries((transfer.value?.lines ?? []).map((one) => [one.variant_id, { good: one.on_the_way, damaged: 0 }]))
  }

  const shipId = ref(newId())
  const ship = useMutation({
    mutationFn: (looked: readonly Amber[]) =>
      answer(api.POST('/api/transfers/{transfer_id}/ship', { ...path(), body: { id: shipId.value, looked_for: looked.map((one) => ({ variant_id: one.variantId, qty: one.promised })) } })),
    onSuccess: (now) => {
      amber.value = []
      took(now)
      toast(t('transfers.shipped_done', { n: now.shipped }))
    },
    onError: failed,
  })

  const receiveId = ref(newId())
  watch(unpacked, () => (receiveId.value = newId()))
  const receive = useMutation({
    mutationFn: (complete: boolean) =>
      answer(api.POST('/api/transfers/{transfer_id}/receive', {
        ...path(), body: { id: receiveId.value, complete, lines: Object.entries(unpacked.value).map(([variant_id, { good, damaged }]) => ({ variant_id, good, damaged })) },
      })),
    onSuccess: (now) => {
      toast(t('transfers.received_done', { n: piecesIn(unpacked.value) }))
      unpacked.value = {}
      took(now)
    },
    onError: failed,
  })

  const submit = useMutation({
    mutationFn: () => answer(api.POST('/api/transfers/{transfer_id}/submit', { ...path(), body: { id: newId() } })),
    onSuccess: (now) => {
      took(now)
      toast(t('transfers.asked_done', { code: nameOfTransfer(now.code) }))
    },
    onError: failed,
  })

  const cancel = useMutation({
    mutationFn: () => answer(api.POST('/api/transfers/{transfer_id}/cancel', { ...path(), body: { id: newId() } })),
    onSuccess: (now) => {
      took(now)
      toast(t('transfers.cancelled_done', { code: nameOfTransfer(now.code) }))
    },
    onError: failed,
  })

  return {
    query, transfer, trouble, amber, unpacked, took,
    forgetAmber: () => void (amber.value = []),
    mayPick, mayReceive, mayCancel, mayWrite, maySettle,
    pick, scanPicked, pickAll, unpack, unpackAll, ship, receive, submit, cancel,
    pieces: computed(() => piecesIn(unpacked.value)),
    missing: computed(() => (transfer.value === undefined ? 0 : missingAfter(transfer.value, unpacked.value))),
  }
}

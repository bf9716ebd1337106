// Decides what a scan means while boxes are packed or unpacked, and what the big button does next.

import { Refusal, Unreachable } from '@placket/api'
import { countOf, differencesOf, piecesOf, routeCode, transferRows, type Condition } from '@placket/selling'
import { toast } from '@placket/ui'
import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useGoods } from '../../terminal/goods'
import { useGoodsNames } from '../../terminal/goodsNames'
import { useLine } from '../../terminal/line'
import { markPainted } from '../../terminal/marks'
import { print } from '../../terminal/printer'
import { play } from '../../terminal/sound'
import { findTransfer, receiveTransfer, scanPiece, shipTransfer, tellPicked, unscanPiece, useTransfers, type Transfer, type Unseen } from '../../terminal/transfers'
import { useTill } from '../../terminal/till'

const VIBRATE_MS = 30

export function useTransferWork() {
  const { t } = useI18n()
  const { catalogue } = useGoods()
  const { quality } = useLine()
  const { branchId } = useTill()
  const { transfers, workOf } = useTransfers()

  const openId = ref<string>()
  const as = ref<Condition>('good')
  const trouble = ref('')
  const busy = ref(false)
  const asking = ref(false)
  const amber = shallowRef<Unseen[]>([])

  const transfer = computed(() => transfers.value.find(({ id }) => id === openId.value))
  const kind = computed(() => (transfer.value?.to_id === branchId.value ? 'receive' : 'pick'))
  const work = computed(() => (transfer.value === undefined ? undefined : workOf(transfer.value.id, kind.value)))
  const scannedHere = computed(() => (work.value === undefined ? 0 : piecesOf(work.value)))
  const done = computed(() => scannedHere.value + (kind.value === 'pick' ? (transfer.value?.picked ?? 0) : 0))
  const wanted = computed(() => (kind.value === 'pick' ? transfer.value?.asked : transfer.value?.on_the_way) ?? 0)
  const differs = computed(() => (work.value && transfer.value ? differencesOf(work.value, transfer.value.lines) : { missing: 0, damaged: 0, extra: 0 }))

  const names = useGoodsNames()
  const { faceOf } = names
  const lineOf = (id: string) => transfer.value?.lines.find((one) => one.variant_id === id)
  const skuOf = (id: string): string => names.skuOf(id) || (lineOf(id)?.sku ?? '')
  const nameOf = (id: string): string => names.nameOf(id) || (lineOf(id)?.name_vi ?? '')

  /** Every line, and what came out of a box and stands on none. */
  const lines = computed(() => {
    const known = transfer.value?.lines ?? []
    const beyond = Object.keys(work.value?.counts ?? {}).filter((id) => !known.some((one) => one.variant_id === id))
    return [
      ...known.map((line) => ({ id: line.variant_id, of: kind.value === 'pick' ? line.asked : line.on_the_way, before: kind.value === 'pick' ? line.picked : 0, extra: false })),
      ...beyond.map((id) => ({ id, of: 0, before: 0, extra: true })),
    ].map((line) => ({ ...line, ...(work.value ? countOf(work.value, line.id) : { good: 0, damaged: 0 }) }))
  })

  function wrong(sentence: string): void {
    trouble.value = sentence
    play('missing')
  }

  async function count(variantId: string, condition: Condition = as.value): Promise<void> {
    if (transfer.value === undefined) return
    trouble.value = ''
    const scanned = await scanPiece(transfer.value, kind.value, variantId, kind.value === 'pick' ? 'good' : condition)
    if (!scanned.ok) return wrong(t(`transfers.${scanned.reason}`, { sku: skuOf(variantId) }))
    play('scan')
    navigator.vibrate?.(VIBRATE_MS)
    void markPainted('scan:painted')
  }

  async function uncount(variantId: string, condition: Condition): Promise<void> {
    if (transfer.value !== undefined) await unscanPiece(transfer.value.id, kind.value, variantId, condition)
  }

  /** A box's code opens its transfer, whatever is open; a piece counts for the one that is. Answers whether it meant something. */
  async function scanned(text: string): Promise<boolean> {
    if (catalogue.value === undefined) return false
    const code = routeCode(text, catalogue.value)
    if (code.kind === 'transfer') {
      const found = await findTransfer(code.code)
      if (found !== undefined) open(found.id)
      else wrong(t('transfers.unknown', { code: code.code }))
      return found !== undefined
    }
    if (transfer.value === undefined) return false
    if (code.kind === 'item') await count(code.variant.id)
    else wrong(t('transfers.unknown', { code: text }))
    return true
  }

  function open(id: string | undefined): void {
    openId.value = id
    trouble.value = ''
    as.value = 'good'
    amber.value = []
  }

  /** Do it; a refusal or a dark line is said on the screen, and what was scanned stays. */
  async function attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
    busy.value = true
    trouble.value = ''
    try {
      return await run()
    } catch (error) {
      if (error instanceof Unreachable) trouble.value = t('transfers.needs_network')
      else if (error instanceof Refusal) refused(error)
      else throw error
      return undefined
    } finally {
      busy.value = false
    }
  }

  function refused(error: Refusal): void {
    const facts = (error.facts.lines ?? []) as { variant_id: string; picked: number; free: number; promised: number }[]
    amber.value = error.code === 'look_first' ? facts : []
    if (amber.value.length > 0) return
    const lacking = error.code === 'shipped_too_many' ? facts.map((one) => t('transfers.lacking', { sku: skuOf(one.variant_id), picked: one.picked, free: one.free })) : []
    wrong([error.detail, ...lacking].join(' '))
  }

  async function keepPicked(): Promise<void> {
    const n = scannedHere.value
    const one = transfer.value
    if (one !== undefined && (await attempt(() => tellPicked(one)))) toast(t('transfers.kept_picked', { n }))
  }

  async function ship(seen: readonly Unseen[] = []): Promise<void> {
    const one = transfer.value
    if (one === undefined) return
    const shipped = await attempt(() => shipTransfer(one, seen))
    if (shipped === undefined) return
    toast(t('transfers.shipped', { n: shipped.shipped }))
    void label(shipped)
    open(undefined)
  }

  async function receive(complete: boolean): Promise<void> {
    const one = transfer.value
    const n = scannedHere.value
    asking.value = false
    if (one === undefined) return
    const known = await attempt(() => receiveTransfer(one, complete))
    if (known === undefined) return
    toast(known ? t('transfers.received', { n }) : t('transfers.waits'))
    if (complete) open(undefined)
  }

  function label(of: Transfer): Promise<unknown> {
    const facts = [[t('transfers.label_from'), of.from_name], [t('transfers.label_to'), of.to_name], [t('transfers.label_pieces'), String(of.shipped || of.picked)]] as const
    const goods = of.lines.flatMap((line) => (line.shipped || line.picked ? [{ name: line.name_vi, sku: line.sku, qty: line.shipped || line.picked }] : []))
    return print({ kind: 'bag', title: of.code, rows: transferRows({ title: t('transfers.label_title'), code: of.code, facts, lines: goods }) })
  }

  return {
    transfer, kind, work, lines, as, trouble, busy, asking, amber, done, wanted, scannedHere, differs,
    away: computed(() => quality.value === 'offline'),
    open, scanned, count, uncount, keepPicked, ship, receive, label, nameOf, faceOf, skuOf,
  }
}

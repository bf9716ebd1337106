// Decides what a scan means while somebody counts a zone, and what the big figure shows.

import { Refusal, Unreachable } from '@placket/api'
import { keyOf, piecesIn, routeCode, tallyOf, type CountScan } from '@placket/selling'
import { toast } from '@placket/ui'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { countScan, finishZone, refreshCounts, undoScan, useCounts } from '../../terminal/counts'
import { useGoods } from '../../terminal/goods'
import { useGoodsNames } from '../../terminal/goodsNames'
import { markPainted } from '../../terminal/marks'
import { play } from '../../terminal/sound'

const VIBRATE_MS = 30
const UNKNOWN = '?'

export function useCounting() {
  const { t } = useI18n()
  const { skuOf, nameOf, faceOf } = useGoodsNames()
  const { catalogue } = useGoods()
  const { sheets, workOf } = useCounts()

  const open = ref<{ countId: string; zoneNo: number }>()
  const trouble = ref('')
  const busy = ref(false)

  const sheet = computed(() => sheets.value.find(({ id }) => id === open.value?.countId))
  const zone = computed(() => sheet.value?.zones_shown.find(({ no }) => no === open.value?.zoneNo))
  const work = computed(() => (open.value === undefined ? undefined : workOf(open.value.countId)))
  const last = computed<CountScan | undefined>(() => (work.value?.last?.zoneNo === open.value?.zoneNo ? (work.value?.last ?? undefined) : undefined))
  const pieces = computed(() => (work.value === undefined || open.value === undefined ? 0 : piecesIn(work.value, open.value.zoneNo)))
  const figure = computed(() => (last.value === undefined ? pieces.value : tally(keyOf(last.value))))
  const roundOf = (variantId: string): number => Math.max(1, ...(sheet.value?.lines ?? []).filter((one) => one.variant_id === variantId).map(({ round }) => round))
  /** What is to be counted again. */
  const again = computed(() => (sheet.value?.lines ?? []).filter((one) => one.again).map(({ variant_id }) => variant_id))
  /** Everything counted in this zone on this device, the newest name first by its figure's key. */
  const here = computed(() =>
    Object.entries(work.value?.zones[open.value?.zoneNo ?? 0] ?? {}).map(([key, n]) => ({ key, n, variantId: key.startsWith(UNKNOWN) ? null : key, code: key.startsWith(UNKNOWN) ? key.slice(1) : '' })).toReversed())

  const tally = (key: string): number => (work.value === undefined || open.value === undefined ? 0 : tallyOf(work.value, open.value.zoneNo, key))
  const expectedOf = (id: string): number | undefined => sheet.value?.expected?.[id]

  async function add(goods: { variantId: string | null; code: string }, qty: number): Promise<void> {
    if (open.value === undefined) return
    trouble.value = ''
    await countScan(open.value.countId, { ...goods, zoneNo: open.value.zoneNo, qty, round: goods.variantId === null ? 1 : roundOf(goods.variantId) })
    play(goods.variantId === null ? 'missing' : 'scan')
    navigator.vibrate?.(VIBRATE_MS)
    void markPainted('scan:painted')
  }

  /** A piece counts for the zone that is open; what nobody knows is noted by its code. Answers whether it meant something. */
  async function scanned(text: string): Promise<boolean> {
    if (open.value === undefined || catalogue.value === undefined) return false
    const code = routeCode(text, catalogue.value)
    await add(code.kind === 'item' ? { variantId: code.variant.id, code: '' } : { variantId: null, code: text }, 1)
    return true
  }

  /** Somebody has counted them by eye: so many are here. */
  async function typed(n: number): Promise<void> {
    if (last.value === undefined) return
    await add({ variantId: last.value.variantId, code: last.value.code }, n - tally(keyOf(last.value)))
  }

  async function finish(done: boolean): Promise<void> {
    if (open.value === undefined || zone.value === undefined) return
    busy.value = true
    trouble.value = ''
    try {
      await finishZone(open.value.countId, open.value.zoneNo, done)
      if (!done) return
      toast(t('counting.finished', { zone: zone.value.name }))
      choose(undefined)
    } catch (error) {
      if (error instanceof Unreachable) trouble.value = t('counting.needs_network')
      else if (error instanceof Refusal) trouble.value = error.detail
      else throw error
    } finally {
      busy.value = false
    }
  }

  function choose(next: { countId: string; zoneNo: number } | undefined): void {
    open.value = next
    trouble.value = ''
    void refreshCounts()
  }

  return {
    open, sheet, zone, last, pieces, figure, again, here, trouble, busy,
    choose, scanned, add, typed, finish, undo: () => (open.value === undefined ? undefined : undoScan(open.value.countId)), nameOf, faceOf, skuOf, expectedOf,
  }
}

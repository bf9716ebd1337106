// Decides what a scan means while a supplier's goods are unpacked, and what is asked before they are taken in.

import { besideOrder, deliveredBy, doorCountOf, routeCode, sumsAtDoor, type AtDoor } from '@placket/selling'
import { toast } from '@placket/ui'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { countAtDoor, refreshDoor, takeIn, useDoor } from '../../terminal/door'
import { useGoods } from '../../terminal/goods'
import { useGoodsNames } from '../../terminal/goodsNames'
import { markPainted } from '../../terminal/marks'
import { play } from '../../terminal/sound'

const VIBRATE_MS = 30

export const nameOfOrder = (number: number): string => `DH-${String(number).padStart(4, '0')}`

export function useDoorWork() {
  const { t } = useI18n()
  const { catalogue } = useGoods()
  const names = useGoodsNames()
  const { orders, suppliers, doorOf } = useDoor()

  /** Which delivery is open: of an order, without one (`null`), or none. */
  const openAt = ref<{ orderId: string | null }>()
  const as = ref<AtDoor>('accepted')
  const supplierId = ref<string>('')
  const trouble = ref('')
  const busy = ref(false)
  const asking = ref(false)

  const order = computed(() => orders.value.find(({ id }) => id === openAt.value?.orderId))
  const work = computed(() => (openAt.value === undefined ? undefined : doorOf(openAt.value.orderId)))
  const sums = computed(() => (work.value === undefined ? { accepted: 0, rejected: 0 } : sumsAtDoor(work.value)))
  const beside = computed(() => (work.value && order.value ? besideOrder(work.value, order.value.lines) : { short: 0, beyond: 0 }))
  const wanted = computed(() => order.value?.lines.reduce((sum, line) => sum + Math.max(0, line.ordered - line.received), 0))
  const title = computed(() => (order.value ? order.value.supplier_name : t('door.no_order')))

  const lineOf = (id: string) => order.value?.lines.find((one) => one.variant_id === id)
  const skuOf = (id: string): string => names.skuOf(id) || (lineOf(id)?.sku ?? '')
  const nameOf = (id: string): string => names.nameOf(id) || (lineOf(id)?.name_vi ?? '')

  /** What is ordered and not here yet, then what came that nobody had ordered. */
  const lines = computed(() => {
    const known = (order.value?.lines ?? []).map((line) => ({ id: line.variant_id, of: Math.max(0, line.ordered - line.received), extra: false }))
    const here = work.value === undefined ? [] : deliveredBy(work.value)
    const beyond = here.filter(({ variant_id: id }) => lineOf(id) === undefined).map(({ variant_id: id }) => ({ id, of: 0, extra: order.value !== undefined }))
    return [...known.filter(({ id, of }) => of > 0 || here.some(({ variant_id: other }) => other === id)), ...beyond.toReversed()]
      .map((line) => ({ ...line, ...(work.value ? doorCountOf(work.value, line.id) : { accepted: 0, rejected: 0, reason: null }) }))
  })

  async function count(variantId: string, condition: AtDoor = as.value, by: 1 | -1 = 1): Promise<void> {
    if (openAt.value === undefined) return
    trouble.value = ''
    await countAtDoor(openAt.value.orderId, variantId, condition, by)
    if (by < 0) return
    play('scan')
    navigator.vibrate?.(VIBRATE_MS)
    void markPainted('scan:painted')
  }

  /** A piece counts for the delivery that is open. Answers whether the code meant something. */
  async function scanned(text: string): Promise<boolean> {
    if (catalogue.value === undefined || openAt.value === undefined) return false
    const code = routeCode(text, catalogue.value)
    if (code.kind === 'item') await count(code.variant.id)
    else {
      trouble.value = t('door.unknown', { code: text })
      play('missing')
    }
    return true
  }

  function open(next: { orderId: string | null } | undefined): void {
    openAt.value = next
    trouble.value = supplierId.value = ''
    as.value = 'accepted'
    asking.value = false
    void refreshDoor()
  }

  async function finish(): Promise<void> {
    if (openAt.value === undefined) return
    const { orderId } = openAt.value
    const n = sums.value.accepted
    asking.value = false
    busy.value = true
    try {
      const told = await takeIn(orderId, supplierId.value || null, order.value ? nameOfOrder(order.value.number) : t('door.no_order'))
      toast(told ? t('door.taken', { n }) : t('door.waits'))
      open(undefined)
    } finally {
      busy.value = false
    }
  }

  return {
    openAt, order, work, as, supplierId, suppliers, trouble, busy, asking, sums, beside, wanted, title, lines,
    open, scanned, count, finish, skuOf, nameOf, faceOf: names.faceOf,
  }
}

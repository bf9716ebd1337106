// What scanning, searching and tapping do: the one place where a code becomes a line.

import { readCode, typedQuantity, type StyleHit, type Variant } from '@placket/selling'
import { computed, ref, shallowRef, watch } from 'vue'
import { clearSetback, dismissDone, showSale, useCheckout } from '../terminal/checkout'
import { saleByBarcode } from '../terminal/db'
import { useGoods } from '../terminal/goods'
import { addLine, newInvoice, useInvoices } from '../terminal/invoices'
import { mark, markPainted } from '../terminal/marks'
import { play } from '../terminal/sound'
import { useTill } from '../terminal/till'

const DIGITS_REST_MS = 250

export function useSell() {
  const { catalogue, index } = useGoods()
  const { cart } = useInvoices()
  const { attempt } = useCheckout()
  const { branchId } = useTill()
  const text = ref('')
  const hits = shallowRef<StyleHit[]>()
  /** A scanned code that means nothing here. */
  const unknown = ref('')
  const spoken = ref('')
  let waiting: ReturnType<typeof setTimeout> | undefined

  watch([text, index], () => {
    clearTimeout(waiting)
    // Digits alone may be the beginning of a scan, which must not wait for a grid to be painted: look when they rest.
    if (/^\d+$/.test(text.value)) waiting = setTimeout(look, DIGITS_REST_MS)
    else look()
  })

  function look(): void {
    mark('search:key')
    const wanted = text.value.trim()
    hits.value = wanted === '' || wanted.startsWith('*') ? undefined : index.value?.find(wanted)
    void markPainted('search:painted')
  }

  function add(variant: Variant, qty: number, sourceId = branchId.value): void {
    unknown.value = ''
    dismissDone()
    // The invoice being paid is closed to changes: what comes now belongs to the next customer.
    if (attempt.value?.cartId === cart.value.id) newInvoice()
    if (cart.value.lines.length === 0) clearSetback()
    addLine({ variantId: variant.id, sourceId, qty })
    spoken.value = variant.sku
    play('scan')
  }

  async function scanned(code: string, typed: string): Promise<void> {
    const known = catalogue.value
    if (known === undefined) return
    const found = readCode(code, known)
    if (found.kind === 'item') {
      add(found.variant, typedQuantity(typed))
      if (typed.startsWith('*')) text.value = ''
      void markPainted('scan:painted')
    } else if (found.kind === 'receipt') {
      const sale = await saleByBarcode(found.barcode)
      if (sale === undefined) missing(code)
      else showSale(sale)
    } else {
      missing(code)
    }
  }

  function missing(code: string): void {
    unknown.value = code
    play('missing')
  }

  return {
    text, hits, unknown, spoken, add, scanned,
    means: (code: string): boolean => catalogue.value !== undefined && readCode(code, catalogue.value).kind !== 'unknown',
    /** Enter takes the hit when only one variant is left. */
    only: computed(() => (hits.value?.length === 1 && hits.value[0]?.variants.length === 1 ? hits.value[0].variants[0] : undefined)),
    clear: () => { text.value = '' },
  }
}

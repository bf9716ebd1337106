// The layers over the sale screen: at most one at a time, Escape closes it, the cart behind never goes away.

import type { PricedLine, Style, Variant } from '@placket/selling'
import { computed, nextTick, shallowRef, watch } from 'vue'
import type { KeptPayment, SoldSale } from '../terminal/db'
import { usePickups } from '../terminal/pickups'
import { useTransfers } from '../terminal/transfers'

export type Layer =
  | { kind: 'variants'; style: Style }
  | { kind: 'stock'; style: Style }
  | { kind: 'receipt'; sale: SoldSale }
  | { kind: 'void'; sale: SoldSale }
  | { kind: 'override'; variantId: string }
  | { kind: 'customer' }
  | { kind: 'camera' }
  | { kind: 'give_back'; payment: KeptPayment }
  | { kind: 'line'; place: number; priced: PricedLine }
  | { kind: 'bill' }
  | { kind: 'offers'; typing: boolean }
  | { kind: 'parked' }
  | { kind: 'orders' }
  | { kind: 'today' }
  | { kind: 'machine' }
  | { kind: 'sync' }
  | { kind: 'shift' }
  | { kind: 'holds' }
  | { kind: 'transfers' }
  | { kind: 'pickups' }
  | { kind: 'aisle'; variant: Variant; from: string | undefined }

export function useLayers() {
  const layer = shallowRef<Layer>()
  let before: Element | null = null

  function open(next: Layer): void {
    if (layer.value === undefined) before = document.activeElement
    layer.value = next
  }

  function close(): void {
    layer.value = undefined
    // After the layer's own clean-up: the focus goes back to where it was, or to nothing, where keys are the sale's.
    void nextTick(() => setTimeout(() => {
      if (layer.value !== undefined) return
      if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus()
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    }))
  }

  return { layer, open, close, any: computed(() => layer.value !== undefined) }
}

/** A transfer or an online order whose code was scanned is shown by the layer that lists such things. */
export function followWanted(open: (layer: Layer) => void): void {
  watch(useTransfers().wanted, (id) => { if (id !== undefined) open({ kind: 'transfers' }) })
  watch(usePickups().wanted, (code) => { if (code !== undefined) open({ kind: 'pickups' }) })
}

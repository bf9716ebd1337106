// The layers over the sale screen: at most one at a time, Escape closes it, the cart behind never goes away.

import type { Style } from '@placket/selling'
import { computed, shallowRef } from 'vue'
import type { KeptPayment, SoldSale } from '../terminal/db'

export type Layer =
  | { kind: 'variants'; style: Style }
  | { kind: 'stock'; style: Style }
  | { kind: 'receipt'; sale: SoldSale }
  | { kind: 'void'; sale: SoldSale }
  | { kind: 'camera' }
  | { kind: 'confirm'; payment: KeptPayment }
  | { kind: 'give_back'; payment: KeptPayment }
  | { kind: 'machine' }
  | { kind: 'sync' }
  | { kind: 'shift' }
  | { kind: 'holds' }

export function useLayers() {
  const layer = shallowRef<Layer>()
  const close = (): void => { layer.value = undefined }
  return { layer, open: (next: Layer): void => { layer.value = next }, close, any: computed(() => layer.value !== undefined) }
}

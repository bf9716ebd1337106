// Decides what is counted at the door, for an order or without one, and takes it in.

import { answer } from '@placket/api'
import { number, toast } from '@placket/ui'
import { useMutation } from '@tanstack/vue-query'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { newId } from '../../shell/newId.ts'
import { deliveredOf, NOTHING, piecesIn, saysWhy, type Counted } from './supply.ts'

export interface Door {
  placeId: string
  orderId: string | null
  supplierId: string | null
}

export function useDoor(door: () => Door, done: () => void) {
  const { t } = useI18n()
  const counted = ref<Record<string, Counted>>({})
  const as = ref<'accepted' | 'rejected'>('accepted')
  const asking = ref(false)
  const tried = ref(false)
  let id = newId()
  // What is taken in, where and for what is what the id stands for; that the order was read anew changes nothing of it.
  const renew = (): void => { id = newId() }
  watch(counted, renew, { deep: true })
  watch(() => JSON.stringify(door()), renew)

  const set = (variantId: string, change: Partial<Counted>): void => {
    counted.value = { ...counted.value, [variantId]: { ...NOTHING, ...counted.value[variantId], ...change } }
  }
  const count = (variantId: string, what: 'accepted' | 'rejected', by: number): void =>
    set(variantId, { [what]: Math.min(9_999, Math.max(0, (counted.value[variantId]?.[what] ?? 0) + by)) })

  const accepted = computed(() => piecesIn(counted.value, 'accepted'))
  const rejected = computed(() => piecesIn(counted.value, 'rejected'))

  const take = useMutation({
    mutationFn: () =>
      answer(api.POST('/api/goods-receipts', {
        body: { id, location_id: door().placeId, order_id: door().orderId, supplier_id: door().supplierId, lines: deliveredOf(counted.value) },
      })),
    onSuccess: () => {
      toast(t('supply.done', { n: number(accepted.value) }))
      counted.value = {}
      tried.value = false
      done()
    },
    onSettled: () => (asking.value = false),
  })

  function ask(): void {
    tried.value = true
    if (accepted.value + rejected.value > 0 && saysWhy(counted.value)) asking.value = true
  }

  return { counted, as, asking, tried, accepted, rejected, take, ask, set, count, whyMissing: computed(() => tried.value && !saysWhy(counted.value)) }
}

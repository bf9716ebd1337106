// Sales that the device does not hold any more: asked for when somebody wants them, forgotten when they look for something else.

import { Refusal, Unreachable } from '@placket/api'
import { wishOf, type KeptOrder } from '@placket/selling'
import { ref, shallowRef, watch, type Ref } from 'vue'
import { moment } from '../../terminal/clock'
import { server } from '../../terminal/server'

export function useOlder(text: Ref<string>) {
  const older = shallowRef<KeptOrder[]>([])
  /** The server has been asked for what stands in the field. */
  const asked = ref(false)
  const busy = ref(false)
  const failed = ref(false)

  watch(text, () => {
    older.value = []
    asked.value = failed.value = false
  })

  async function find(): Promise<void> {
    const wish = wishOf(text.value, moment.value)
    const meant = text.value
    if (wish === undefined || busy.value) return
    busy.value = true
    try {
      const found = await server.findOrders(wish)
      if (text.value !== meant) return
      older.value = found
      asked.value = true
      failed.value = false
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
      failed.value = text.value === meant
    } finally {
      busy.value = false
    }
  }

  return { older, asked, busy, failed, find }
}

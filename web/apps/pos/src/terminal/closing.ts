// Whether an invoice may be closed: not while somebody's money is in it. A code that waits for its transfer is given up.

import type { Cart } from '@placket/selling'
import { toast } from '@placket/ui'
import { useI18n } from 'vue-i18n'
import { giveUpWaiting, hasMoney } from './payments'

export function useClosing() {
  const { t } = useI18n()

  function mayClose(cart: Cart): boolean {
    if (hasMoney(cart)) {
      toast(t('payment.money_first'), { tone: 'warn' })
      return false
    }
    void giveUpWaiting(cart.id)
    return true
  }

  return { mayClose }
}

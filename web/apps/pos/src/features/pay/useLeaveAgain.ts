// An approval is over, or was given at another till: it is asked for again, once for each right that the invoice needs.

import { agreedOf, OVERRIDE_VERB } from '@placket/selling'
import { money } from '@placket/ui'
import { useI18n } from 'vue-i18n'
import { askApproval } from '../../terminal/approval'
import { clearSetback } from '../../terminal/checkout'
import { renewLeave, useInvoices } from '../../terminal/invoices'

export function useLeaveAgain(): () => Promise<void> {
  const { t } = useI18n()
  const { cart, quote } = useInvoices()

  return async () => {
    const cartId = cart.value.id
    const off = money(quote.value.lines.reduce((sum, { manualVnd }) => sum + manualVnd, 0))
    for (const [verb, discountBp] of agreedOf(cart.value, quote.value.lines)) {
      const about = verb === OVERRIDE_VERB ? t('terms.approval.again_override') : t('terms.approval.again', { money: off })
      const approval = await askApproval({ verb, about, why: t('terms.approval.over'), discountBp })
      if (approval === undefined || cart.value.id !== cartId) return
      renewLeave(verb, { approvedBy: approval.staffId, ...(approval.id !== null && { approvalId: approval.id }) })
    }
    clearSetback()
  }
}

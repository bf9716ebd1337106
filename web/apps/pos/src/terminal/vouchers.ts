// Vouchers are kept for a sale while its money is under way: nobody else redeems one between the code on the screen and the sale.

import { Refusal, Unreachable } from '@placket/api'
import { newId, vouchersUsed } from '@placket/selling'
import { watch } from 'vue'
import { changeCart, dropVoucher, useInvoices } from './invoices'
import { server } from './server'

/** What is kept, by code: the id that its sale will have. */
const kept = new Map<string, string>()

/** Keep the vouchers that a cart uses; one that is gone is taken off it, and the answer says why. */
export async function keepVouchers(cartId: string): Promise<string | undefined> {
  const { tabs, quotes } = useInvoices()
  const cart = tabs.value.carts.find(({ id }) => id === cartId)
  const quote = quotes.value.get(cartId)
  if (cart === undefined || quote === undefined) return undefined
  const saleId = cart.saleId ?? newId()
  const used = vouchersUsed(cart, quote)
  if (used.length > 0 && cart.saleId === undefined) changeCart({ ...cart, saleId })
  for (const { code } of used) {
    try {
      await server.keepVoucher(code, { sale_id: saleId, customer_id: cart.customer?.id ?? null })
      kept.set(code, saleId)
    } catch (error) {
      if (error instanceof Unreachable) return undefined // the payment will say so
      if (!(error instanceof Refusal)) throw error
      dropVoucher(code, cartId)
      return error.detail
    }
  }
  return undefined
}

/** Let go what no cart uses any more: taken off it, or the cart is gone. What was sold is no longer kept anyway. */
export function followVouchers(): void {
  const { tabs } = useInvoices()
  watch(tabs, ({ carts }) => {
    for (const [code, saleId] of kept) {
      if (carts.some((cart) => cart.saleId === saleId && cart.vouchers?.some((voucher) => voucher.code === code))) continue
      kept.delete(code)
      void server.letVoucherGo(code, { sale_id: saleId, customer_id: null }).catch(() => undefined) // its time ends by itself
    }
  }, { immediate: true })
}

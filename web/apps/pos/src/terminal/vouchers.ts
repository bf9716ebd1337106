// Vouchers are kept for a sale while its money is under way: nobody else redeems one between the code on the screen and the sale.
// What is kept is on the disk, for off line a voucher goes only with a sale that it was kept for before the line dropped.

import { Refusal, Unreachable } from '@placket/api'
import { heldFor, newId, vouchersUsed, type VouchersHeld } from '@placket/selling'
import { watch } from 'vue'
import { serverNow } from './clock'
import { keep, kept } from './db'
import { changeCart, dropVoucher, useInvoices } from './invoices'
import { server } from './server'

/** What is kept, by code. */
let held: VouchersHeld = {}

export async function loadVouchers(): Promise<void> {
  held = (await kept('vouchers_held')) ?? {}
}

async function hold(now: VouchersHeld): Promise<void> {
  held = now
  await keep('vouchers_held', held)
}

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
      const { until } = await server.keepVoucher(code, { sale_id: saleId, customer_id: cart.customer?.id ?? null })
      await hold({ ...held, [code]: { saleId, untilMs: Date.parse(until) } })
    } catch (error) {
      if (error instanceof Unreachable) return undefined // the payment will say so
      if (!(error instanceof Refusal)) throw error
      dropVoucher(code, cartId)
      return error.detail
    }
  }
  return undefined
}

/** Whether a sale may go with its vouchers though the server cannot be asked. */
export const keptFor = (saleId: string, codes: readonly string[]): boolean => heldFor(held, saleId, codes, serverNow())

/** A sale went with its vouchers: what was kept for it is the sale's, and lasts until the server has its entry. */
export async function soldWith(saleId: string): Promise<void> {
  const others = Object.entries(held).filter(([, hold]) => hold.saleId !== saleId)
  if (others.length < Object.keys(held).length) await hold(Object.fromEntries(others))
}

/** Let go what no cart uses any more: taken off it, or the cart is gone. What was sold is no longer kept anyway. */
export function followVouchers(): void {
  const { tabs } = useInvoices()
  watch(tabs, ({ carts }) => {
    const gone = Object.entries(held).filter(([code, { saleId }]) =>
      !carts.some((cart) => cart.saleId === saleId && cart.vouchers?.some((voucher) => voucher.code === code)))
    if (gone.length === 0) return
    void hold(Object.fromEntries(Object.entries(held).filter(([code]) => !gone.some(([other]) => other === code))))
    for (const [code, { saleId }] of gone) {
      void server.letVoucherGo(code, { sale_id: saleId, customer_id: null }).catch(() => undefined) // its time ends by itself
    }
  }, { immediate: true })
}

// What scanning and tapping do: the one place where a code becomes a line, a customer, a receipt or a person.

import { routeCode, typedQuantity, type Code, type CodeKind, type Variant } from '@placket/selling'
import { Refusal, Unreachable } from '@placket/api'
import { toast } from '@placket/ui'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { clearSetback, dismissDone, isLocked, showSale } from '../terminal/checkout'
import { findAnywhere, useCustomers } from '../terminal/customers'
import { saleByBarcode } from '../terminal/db'
import { useGoods } from '../terminal/goods'
import { promiseOfCode, sellHeld } from '../terminal/holds'
import { addLine, addVoucher, newInvoice, setCustomer, useInvoices } from '../terminal/invoices'
import { markPainted } from '../terminal/marks'
import { saleOfBranch } from '../terminal/orders'
import { wantPickup } from '../terminal/pickups'
import { explainBy, openReceipt } from '../terminal/returns'
import { clearSearch } from '../terminal/search'
import { server } from '../terminal/server'
import { play } from '../terminal/sound'
import { NotKnownHere } from '../terminal/proof'
import { signInByBadge, useTill } from '../terminal/till'
import { wantTransfer } from '../terminal/transfers'

type Known = Exclude<CodeKind, 'unknown'>
/** A code that led nowhere, and the sentence that says so: a key under `scan`. */
export interface Missing {
  code: string
  reason: 'misread' | `none.${Known}`
}
/** What a kind of code does; answers false when there is nothing behind the code. `typed` stood in the field before the scan. */
type Actions = { [K in Known]: (code: Extract<Code, { kind: K }>, typed: string) => boolean | Promise<boolean> }

export function useSell() {
  const { catalogue } = useGoods()
  const { cart, tabs } = useInvoices()
  const { t, locale } = useI18n()
  const { branchId, may, session } = useTill()
  const { index } = useCustomers()
  const missing = ref<Missing>()
  const spoken = ref('')

  function add(variant: Variant, qty: number, sourceId = branchId.value): void {
    missing.value = undefined
    dismissDone()
    // The invoice being paid is closed to changes: what comes now belongs to the next customer.
    if (isLocked(cart.value.id)) newInvoice()
    if (cart.value.lines.length === 0) clearSetback()
    addLine({ variantId: variant.id, sourceId, qty })
    explainBy(variant)
    spoken.value = variant.sku
    play('scan')
  }

  /** A held piece, by its customer's code or its bag's. */
  function held(code: string): boolean {
    const promise = promiseOfCode(code)
    if (promise === undefined) return false
    dismissDone()
    if (isLocked(cart.value.id)) newInvoice()
    if (!sellHeld(promise)) return false
    play('scan')
    return true
  }

  /** Whoever's badge this is works on here; the invoices stay. */
  async function switchTo(badge: string): Promise<boolean> {
    try {
      await signInByBadge(badge)
    } catch (failure) {
      if (failure instanceof NotKnownHere || failure instanceof Refusal) return false
      throw failure
    }
    toast(t('scan.badge.switched', { name: session.value?.staff.full_name ?? '' }))
    return true
  }

  /**
   * For whom a code is that the server is asked about: the invoice in hand now, whatever is in hand when the answer comes. One that
   * was paid or closed meanwhile takes nothing more, and says so.
   */
  function invoiceInHand(): () => string | undefined {
    const { id } = cart.value
    const isPaid = isLocked(id)
    return () => {
      dismissDone()
      // The invoice being paid is closed to changes: what comes now belongs to the next customer.
      if (isLocked(cart.value.id)) newInvoice()
      if (isPaid) return cart.value.id
      if (tabs.value.carts.some((one) => one.id === id) && !isLocked(id)) return id
      toast(t('scan.too_late'))
      play('attention')
      return undefined
    }
  }

  /** A voucher opens its promotion for the invoice in hand, if the server says that it may be used now. */
  async function voucher(code: string): Promise<boolean> {
    const invoice = invoiceInHand()
    try {
      const found = await server.voucher(code, cart.value.customer?.id)
      const cartId = invoice()
      if (cartId === undefined) return true
      addVoucher({ code, promotionId: found.promotion_id, name: locale.value === 'en' ? found.name_en : found.name_vi }, cartId)
      toast(t('promotions.added', { name: locale.value === 'en' ? found.name_en : found.name_vi }))
      play('scan')
      return true
    } catch (error) {
      if (error instanceof Unreachable) toast(t('promotions.needs_network'))
      else if (error instanceof Refusal && error.code === 'voucher_not_usable') toast(error.detail)
      else if (error instanceof Refusal) return false
      else throw error
      play('attention')
      return true
    }
  }

  /** Every kind of code has its line here: a feature that knows a kind does its work in it. */
  const actions: Actions = {
    item: ({ variant }, typed) => {
      add(variant, typedQuantity(typed))
      if (typed.startsWith('*')) clearSearch()
      void markPainted('scan:painted')
      return true
    },
    receipt: async ({ barcode }) => {
      dismissDone()
      if (may('sale.return') && (await openReceipt({ barcode }))) {
        play('scan')
        return true
      }
      // Not told by anybody yet, or nobody here may take goods back: the receipt can still be seen and printed.
      const sale = (await saleByBarcode(barcode)) ?? (await saleOfBranch(barcode))
      if (sale !== undefined) showSale(sale)
      return sale !== undefined
    },
    member: async ({ customerNo }) => {
      const invoice = invoiceInHand()
      const customer = index.value.member(customerNo) ?? (await findAnywhere({ memberNo: customerNo }))
      if (customer === undefined) return false
      const cartId = invoice()
      if (cartId === undefined) return true
      setCustomer(customer, cartId)
      play('scan')
      return true
    },
    promise: ({ code }) => held(code) || wantPickup(code),
    voucher: ({ code }) => voucher(code),
    badge: ({ code }) => switchTo(code),
    bag: ({ code }) => held(code) || wantPickup(code),
    transfer: ({ code }) => wantTransfer(code),
    order: async ({ code }) => {
      dismissDone()
      const found = may('sale.return') && (await openReceipt({ barcode: code }))
      if (found) play('scan')
      return found
    },
  }

  async function scanned(text: string, typed: string): Promise<void> {
    const known = catalogue.value
    if (known === undefined) return
    const code = routeCode(text, known)
    missing.value = undefined
    if (code.kind === 'unknown') lead(code.code, code.misread ? 'misread' : 'none.item')
    else if (!(await act(code, typed))) lead(code.code, `none.${code.kind}`)
  }

  function act(code: Exclude<Code, { kind: 'unknown' }>, typed: string): boolean | Promise<boolean> {
    // The type of an action follows from the kind it stands under, which the compiler cannot follow through an index.
    return (actions[code.kind] as (code: Code, typed: string) => boolean | Promise<boolean>)(code, typed)
  }

  function lead(code: string, reason: Missing['reason']): void {
    missing.value = { code, reason }
    play('missing')
  }

  return {
    missing, spoken, add, scanned, voucher,
    /** The goods a code stands on, for looking up and not for selling. */
    itemOf: (text: string): Variant | undefined => {
      const code = catalogue.value === undefined ? undefined : routeCode(text, catalogue.value)
      return code?.kind === 'item' ? code.variant : undefined
    },
    means: (code: string): boolean => catalogue.value !== undefined && routeCode(code, catalogue.value).kind !== 'unknown',
  }
}

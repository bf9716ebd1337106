// The keys of the sale screen, as Vietnamese shops know them. Nothing here fires while a layer is open but Escape and scans.

import { useEventListener } from '@vueuse/core'
import { newInvoice, stepInvoice } from '../terminal/invoices'

export interface SaleKeys {
  blocked: () => boolean
  search: () => void
  customer: () => void
  amount: () => void
  pay: (print: boolean) => void
  more: () => void
  remove: () => void
  edit: () => void
  bill: () => void
  offers: () => void
  step: (by: 1 | -1) => void
  print: () => void
  help: () => void
  escape: () => void
}

const OURS = new Set(['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10'])

export function useSaleKeys(keys: SaleKeys): void {
  // A key that closes a layer is that layer's to the end: whose it is stands when it goes down, before anybody answers it.
  let theirs = false
  useEventListener(window, 'keydown', () => { theirs = keys.blocked() }, { capture: true })
  useEventListener(window, 'keydown', (event) => {
    if (OURS.has(event.key)) event.preventDefault()
    if (event.altKey || event.metaKey || theirs || keys.blocked()) return
    if (event.ctrlKey) {
      if (event.code !== 'KeyP') return
      event.preventDefault()
      keys.print()
      return
    }
    const act = acts(keys, event)[event.key]
    if (act !== undefined) {
      event.preventDefault()
      act()
    } else if (!typing()) stray(keys, event)
  })
}

function acts(keys: SaleKeys, event: KeyboardEvent): Record<string, (() => void) | undefined> {
  const always: Record<string, () => void> = {
    F1: newInvoice,
    F2: () => stepInvoice(event.shiftKey ? -1 : 1),
    F3: keys.search,
    F6: keys.bill,
    F4: keys.customer,
    F7: keys.offers,
    F8: keys.amount,
    F9: () => keys.pay(true),
    F10: () => keys.pay(false),
    Insert: keys.more,
    Escape: keys.escape,
  }
  if (typing()) return always
  return {
    ...always,
    Delete: keys.remove,
    ...(idle() && { Enter: keys.edit }),
    ArrowUp: () => keys.step(-1),
    ArrowDown: () => keys.step(1),
    '?': keys.help,
  }
}

/** A letter goes to the search, a digit of the number pad to the amount, when no field has the focus. */
function stray(keys: SaleKeys, event: KeyboardEvent): void {
  if (/^Numpad\d$/.test(event.code)) keys.amount()
  else if (/^(Key|Digit)/.test(event.code) || event.key === '*') keys.search()
}

/** Nothing has the focus: Enter presses no button. */
function idle(): boolean {
  return document.activeElement === null || document.activeElement === document.body
}

function typing(): boolean {
  return document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement
}

// The keys of a discount's sheet: digits type, `%` toggles, Enter applies; what is typed into a field stays there.

import { useEventListener } from '@vueuse/core'
import { useApproval } from '../../terminal/approval'

export function useTermsKeys(keys: { type: (digit: string) => void; rub: () => void; toggle: () => void; apply: () => void }): void {
  const { asked } = useApproval()
  useEventListener(window, 'keydown', (event) => {
    if (asked.value !== undefined || event.ctrlKey || event.altKey || event.metaKey) return
    const inField = document.activeElement instanceof HTMLInputElement
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? (/^\d$/.test(event.key) ? event.key : undefined)
    if (event.key === 'Enter') keys.apply()
    else if (inField) return
    else if (event.key === '%') keys.toggle()
    else if (digit !== undefined && !event.shiftKey) keys.type(digit)
    else if (event.key === 'Backspace') keys.rub()
    else return
    event.preventDefault()
  }, { capture: true })
}

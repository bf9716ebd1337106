// Keys of the whole office: Ctrl+K, `g` then a letter, `/`. Single letters can be switched off (WCAG 2.1.4).

import { onKeyStroke, useEventListener, useLocalStorage } from '@vueuse/core'

export const singleKeys = useLocalStorage('placket.single-keys', true)

const JUMP_MS = 1_200

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

export function useKeys(options: { palette: () => void; jumps: () => Readonly<Record<string, () => void>> }): void {
  let armed = 0
  onKeyStroke(
    (event) => event.code === 'KeyK' && (event.ctrlKey || event.metaKey),
    (event) => {
      event.preventDefault()
      options.palette()
    },
  )
  useEventListener('keydown', (event: KeyboardEvent) => {
    const busy = typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role=dialog]')
    if (!singleKeys.value || busy || event.repeat) return
    // By `code`, because Telex and other input methods change `key`.
    const letter = event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : ''
    if (performance.now() - armed < JUMP_MS) {
      armed = 0
      const jump = options.jumps()[letter]
      if (jump) {
        event.preventDefault()
        jump()
      }
    } else if (letter === 'g') {
      armed = performance.now()
    } else if (event.code === 'Slash' && !event.shiftKey) {
      const field = document.querySelector<HTMLInputElement>('[data-search]')
      if (!field) return
      event.preventDefault()
      field.focus()
      field.select()
    }
  })
}

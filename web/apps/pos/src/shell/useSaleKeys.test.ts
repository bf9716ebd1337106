import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import { useSaleKeys, type SaleKeys } from './useSaleKeys'

/** A sale screen with a layer over it, whose field closes it by Enter; nothing has the focus afterwards. */
function screen() {
  const layered = ref(true)
  const keys: SaleKeys = {
    blocked: () => layered.value,
    search: vi.fn(), customer: vi.fn(), amount: vi.fn(), pay: vi.fn(), more: vi.fn(), remove: vi.fn(), edit: vi.fn(), bill: vi.fn(),
    offers: vi.fn(), step: vi.fn(), print: vi.fn(), help: vi.fn(), escape: vi.fn(),
  }
  const Screen = defineComponent({
    setup() {
      useSaleKeys(keys)
      return () => h('input', { onKeydown: close })
    },
  })
  function close(event: KeyboardEvent): void {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    layered.value = false
    if (event.target instanceof HTMLElement) event.target.blur()
  }
  const page = mount(Screen, { attachTo: document.body })
  const press = (key: string): void => {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  }
  page.get('input').element.focus()
  return { keys, press, page }
}

test('the Enter that chooses a customer edits no line, and the next one does', () => {
  const { keys, press, page } = screen()
  press('Enter')
  expect(keys.edit).not.toHaveBeenCalled()
  press('Enter')
  expect(keys.edit).toHaveBeenCalledTimes(1)
  page.unmount()
})

test('the Escape that closes a layer leaves what was searched for', () => {
  const { keys, press, page } = screen()
  press('Escape')
  expect(keys.escape).not.toHaveBeenCalled()
  press('Escape')
  expect(keys.escape).toHaveBeenCalledTimes(1)
  page.unmount()
})

test('while a layer is open its keys sell nothing', () => {
  const { keys, press, page } = screen()
  press('F9')
  press('F6')
  expect(keys.pay).not.toHaveBeenCalled()
  expect(keys.bill).not.toHaveBeenCalled()
  page.unmount()
})

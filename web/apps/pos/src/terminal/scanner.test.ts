import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useScanner } from './scanner'

const Screen = defineComponent({
  props: { onScan: { type: Function, required: true } },
  setup(props) {
    useScanner((code, typed) => props.onScan(code, typed), (code) => code === '2000000000015')
    return () => h('input', { id: 'search' })
  },
})

function screen() {
  const onScan = vi.fn()
  const page = mount(Screen, { props: { onScan }, attachTo: document.body })
  const field = page.get('input').element
  return { onScan, page, field }
}

/** Type as a scanner does: the key is heard first, then the field with the focus gets its character. */
function burst(field: HTMLInputElement, code: string, end: boolean): KeyboardEvent[] {
  const keys = [...code].map((digit) => ({ code: `Digit${digit}`, key: digit }))
  return [...keys, ...(end ? [{ code: 'Enter', key: 'Enter' }] : [])].map((key) => {
    const press = new KeyboardEvent('keydown', { ...key, bubbles: true, cancelable: true })
    field.dispatchEvent(press)
    if (key.code !== 'Enter' && document.activeElement === field) field.value += key.key
    return press
  })
}

test('a scan gives back the field it typed into, and its Enter reaches nobody', () => {
  const { onScan, page, field } = screen()
  field.value = '*12'
  field.focus()
  const presses = burst(field, '2000000000015', true)
  expect(onScan.mock.calls).toEqual([['2000000000015', '*12']])
  expect(field.value).toBe('*12')
  expect(presses.at(-1)?.defaultPrevented).toBe(true)
  page.unmount()
})

test('a scan that found no field with the focus leaves none with it, and what stood in the search stays and counts', () => {
  const { onScan, page, field } = screen()
  field.value = '*12'
  const toSearch = (): void => { field.focus(); field.select() }
  window.addEventListener('keydown', toSearch)
  document.body.focus()
  for (const key of [...'2000000000015', 'Enter']) {
    const code = key === 'Enter' ? key : `Digit${key}`
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true }))
    if (key !== 'Enter') field.setRangeText('â', field.selectionStart ?? 0, field.selectionEnd ?? 0, 'end')
  }
  window.removeEventListener('keydown', toSearch)
  expect(onScan.mock.calls).toEqual([['2000000000015', '*12']])
  expect(field.value).toBe('*12')
  expect(document.activeElement).not.toBe(field)
  page.unmount()
})

test('digits that were typed fast on one screen take nothing from the field of the next', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const pin = screen()
  for (const digit of '482915') {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { code: `Digit${digit}`, key: digit, bubbles: true }))
  }
  pin.page.unmount()
  const sale = screen()
  sale.field.focus()
  sale.field.value = '*1'
  vi.advanceTimersByTime(1_000)
  expect(document.activeElement).toBe(sale.field)
  expect(sale.field.value).toBe('*1')
  expect(pin.onScan).not.toHaveBeenCalled()
  sale.page.unmount()
  vi.useRealTimers()
})

test('silence ends a whole code soon, and half a code only after a while', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { onScan, page, field } = screen()
  burst(field, '2000000000015', false)
  vi.advanceTimersByTime(80)
  expect(onScan.mock.calls).toEqual([['2000000000015', '']])
  burst(field, '20000000', false)
  vi.advanceTimersByTime(80)
  expect(onScan).toHaveBeenCalledTimes(1)
  burst(field, '00015', true)
  expect(onScan.mock.calls.at(-1)).toEqual(['2000000000015', ''])
  page.unmount()
  vi.useRealTimers()
})

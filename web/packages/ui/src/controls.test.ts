import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import { Button, Chip, DataTable, Field, MoneyText, NumPad, Segmented, dismissToast, toast, uiMessages, useToasts } from './index.ts'

const i18n = createI18n({ legacy: false, locale: 'vi', messages: { vi: { ui: uiMessages.vi } } })
const global = { plugins: [i18n] }

describe('controls', () => {
  it('a busy button cannot be pressed and says so', () => {
    const button = mount(Button, { props: { busy: true }, slots: { default: 'Lưu' } }).get('button')
    expect(button.attributes('disabled')).toBeDefined()
    expect(button.attributes('aria-busy')).toBe('true')
    expect(button.attributes('type')).toBe('button')
  })

  it('a field ties its error to its input', () => {
    const field = mount(Field, { props: { label: 'Tên', error: 'Chưa có tên.' }, global })
    const input = field.get('input')
    expect(field.get('label').attributes('for')).toBe(input.attributes('id'))
    expect(input.attributes('aria-invalid')).toBe('true')
    expect(field.get(`#${input.attributes('aria-describedby')}`).text()).toBe('Chưa có tên.')
  })

  it('a password can be looked at', async () => {
    const field = mount(Field, { props: { label: 'Mật khẩu', type: 'password', modelValue: 'lụa' }, global })
    await field.get('button').trigger('click')
    expect(field.get('input').attributes('type')).toBe('text')
  })

  it('the pad writes digits up to its limit and rubs them out', async () => {
    const pad = mount(NumPad, { props: { max: 5, triple: true, modelValue: '', 'onUpdate:modelValue': (v: string) => pad.setProps({ modelValue: v }) }, global })
    const press = async (label: string) => pad.findAll('button').find((key) => key.text() === label)!.trigger('click')
    for (const key of ['1', '2', '000', '7']) await press(key)
    expect(pad.props('modelValue')).toBe('12000')
    await pad.findAll('button').at(-1)!.trigger('click')
    expect(pad.props('modelValue')).toBe('1200')
    expect(pad.emitted('key')).toEqual([['1'], ['2'], ['000'], ['7'], ['Backspace']])
  })

  it('a choice of few is a radio group', async () => {
    const segmented = mount(Segmented, {
      props: { label: 'Số liệu', modelValue: 'a', options: [{ value: 'a', label: 'A' }, { value: 'b', label: 'B' }] },
    })
    expect(segmented.attributes('role')).toBe('radiogroup')
    await segmented.findAll('[role=radio]')[1]!.trigger('click')
    expect(segmented.emitted('update:modelValue')).toEqual([['b']])
  })

  it('a short press of an arrow key chooses the next one, round the end', async () => {
    const segmented = mount(Segmented, {
      attachTo: document.body,
      props: { label: 'Cách trả', modelValue: 'a', options: [{ value: 'a', label: 'A' }, { value: 'b', label: 'B' }, { value: 'c', label: 'C' }] },
    })
    const [first, second] = segmented.findAll('[role=radio]')
    for (const [radio, key] of [[first, 'ArrowRight'], [second, 'ArrowLeft'], [first, 'ArrowLeft']] as const) {
      void radio?.trigger('keydown', { key })
      void radio?.trigger('keyup', { key })
      await new Promise((done) => { setTimeout(done) })
    }
    expect(segmented.emitted('update:modelValue')).toEqual([['b'], ['a'], ['c']])
    segmented.unmount()
  })

  it('a filter chip names what its button removes', async () => {
    const chip = mount(Chip, { props: { label: 'Hà Nội', removable: true }, global })
    expect(chip.get('button').attributes('aria-label')).toBe('Bỏ Hà Nội')
    await chip.get('button').trigger('click')
    expect(chip.emitted('remove')).toHaveLength(1)
  })

  it('money shows its sign only when asked', () => {
    expect(mount(MoneyText, { props: { value: 5000 } }).text()).toBe('5.000')
    expect(mount(MoneyText, { props: { value: 5000, signed: true } }).text()).toBe('+5.000')
    expect(mount(MoneyText, { props: { value: -5000, signed: true } }).text()).toBe('\u22125.000')
  })
})

describe('the table', () => {
  const rows = [{ id: 'a' }, { id: 'b' }]
  const table = () =>
    mount(DataTable<{ id: string }>, {
      attachTo: document.body,
      props: { label: 'Danh sách', columns: [{ key: 'id', label: 'Mã' }], rows, rowKey: (row) => row.id, openable: true },
      slots: { id: ({ row }: { row: { id: string } }) => row.id, empty: 'Chưa có gì' },
      global,
    })

  it('moves by arrows and opens by Enter', async () => {
    const shown = table()
    const [first, second] = shown.findAll('tbody tr')
    ;(first!.element as HTMLElement).focus()
    await first!.trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement).toBe(second!.element)
    await second!.trigger('keydown', { key: 'Enter' })
    expect(shown.emitted('open')).toEqual([[{ id: 'b' }]])
    shown.unmount()
  })

  it('shows bones while loading and a sentence when empty', async () => {
    const shown = table()
    await shown.setProps({ loading: true })
    expect(shown.text()).not.toContain('a')
    expect(shown.findAll('.skeleton')).toHaveLength(12)
    await shown.setProps({ loading: false, rows: [] })
    expect(shown.text()).toContain('Chưa có gì')
    shown.unmount()
  })
})

describe('toasts', () => {
  it('keeps two at most and lets go of one', async () => {
    const { toasts } = useToasts()
    for (const text of ['một', 'hai', 'ba']) toast(text)
    await nextTick()
    expect(toasts.value.map((one) => one.text)).toEqual(['hai', 'ba'])
    dismissToast(toasts.value[0]!.id)
    expect(toasts.value.map((one) => one.text)).toEqual(['ba'])
  })
})

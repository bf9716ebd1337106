import { expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import { fillOnce } from './fillOnce.ts'

function form(known?: string) {
  const [open, answer, field] = [ref(false), ref(known), ref('')]
  fillOnce(() => open.value, () => answer.value, (now) => (field.value = now))
  return { open, answer, field }
}

it('fills the form when it opens', async () => {
  const { open, field } = form('22:00')
  expect(field.value).toBe('')
  open.value = true
  await nextTick()
  expect(field.value).toBe('22:00')
})

it('fills a form that was open before the answer came', async () => {
  const { open, answer, field } = form()
  open.value = true
  await nextTick()
  answer.value = '22:00'
  await nextTick()
  expect(field.value).toBe('22:00')
})

it('keeps what is being typed when the answer comes again, and is fresh the next time it opens', async () => {
  const { open, answer, field } = form('22:00')
  open.value = true
  await nextTick()
  field.value = '21:00'
  answer.value = '23:00'
  await nextTick()
  expect(field.value).toBe('21:00')
  open.value = false
  await nextTick()
  open.value = true
  await nextTick()
  expect(field.value).toBe('23:00')
})

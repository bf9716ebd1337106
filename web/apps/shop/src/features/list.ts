// The filter of a list: its button says how many styles the ticks would leave, before the page is asked for.

import { number } from '@placket/ui/format'
import { api } from '../api.ts'

const PAUSE_MS = 150

export function enliven(): void {
  const form = document.querySelector<HTMLFormElement>('form.filter')
  const button = form?.querySelector<HTMLButtonElement>('button[data-words]')
  if (form === null || !button) return
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0

  async function count(): Promise<void> {
    if (form === null || !button) return
    const asked = ++latest
    const values = new FormData(form)
    const last = location.pathname.split('/').pop()
    const text = (key: string): string | undefined => String(values.get(key) ?? '') || undefined
    const amount = (key: string): number | undefined => (text(key) === undefined ? undefined : Number(text(key)))
    try {
      const { data } = await api.GET('/api/shop/v1/styles', {
        params: {
          query: {
            category: last === 'all' ? undefined : last,
            size: values.getAll('size').map(String),
            colour: values.getAll('colour').map(String),
            occasion: text('occasion'),
            branch: text('branch'),
            from_vnd: amount('from_vnd'),
            to_vnd: amount('to_vnd'),
            reduced: values.has('reduced'),
            sold_out_too: values.has('sold_out_too'),
          },
        },
      })
      if (data !== undefined && asked === latest) button.textContent = (button.dataset.words ?? '#').replace('#', number(data.total))
    } catch {
      // The page behind the button tells the number anyway.
    }
  }

  form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void count(), PAUSE_MS)
  })
  // Wide screens show the list beside its filter: a choice there is the wish itself.
  form.addEventListener('change', () => {
    if (matchMedia('(min-width: 1000px)').matches) form.requestSubmit()
  })
  // What is left empty is not asked for, so addresses stay short and alike.
  form.addEventListener('formdata', ({ formData }) => {
    for (const [key, value] of Array.from(formData.entries())) if (value === '' || (key === 'sort' && value === 'new')) formData.delete(key)
  })
}

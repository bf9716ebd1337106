import { describe, expect, it } from 'vitest'
import { written } from './written.ts'

function page(html: string): HTMLElement {
  const place = document.createElement('div')
  place.innerHTML = html
  return place
}

describe('what was filled in before the app took over', () => {
  it('is every field with something in it, and the way to pay that is chosen', () => {
    const place = page(`
      <input id="phone" value="0901234567"><input id="name" value=""><input id="email">
      <input type="radio" name="method" value="card"><input type="radio" name="method" value="cod" checked>`)
    expect(written(place)).toEqual({ fields: { phone: '0901234567' }, method: 'cod' })
  })

  it('is nothing on a page that came without the form', () => {
    expect(written(page('<h1>Thanh toán</h1>'))).toEqual({ fields: {}, method: undefined })
  })

  it('is no branch: that one is chosen and not typed', () => {
    expect(written(page('<input type="radio" id="branch" name="branch" value="on">')).fields).toEqual({})
  })
})

import { describe, expect, it } from 'vitest'
import { mergeHead } from './usePages.ts'

const row = (id: string, state = 'posted') => ({ id, state })
const idOf = (one: { id: string }) => one.id

describe('the head of a list', () => {
  it('puts what is new on top and leaves the order below alone', () => {
    const { items, added } = mergeHead([row('b'), row('a')], [row('d'), row('c'), row('b')], idOf)
    expect(items.map(idOf)).toEqual(['d', 'c', 'b', 'a'])
    expect(added).toEqual(['d', 'c'])
  })

  it('replaces what has changed', () => {
    expect(mergeHead([row('b'), row('a')], [row('b', 'void')], idOf)).toEqual({ items: [row('b', 'void'), row('a')], added: [] })
  })
})

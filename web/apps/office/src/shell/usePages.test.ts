import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { Answers } from './answers.ts'
import { mergeHead, usePages, type PageOf } from './usePages.ts'

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

/** A list on the screen, over a server that answers when the test says so. */
function shown() {
  const waiting: ((page: PageOf<{ id: string }>) => void)[] = []
  let list!: ReturnType<typeof usePages<{ id: string }>>
  const setup = () => {
    list = usePages({ key: ['sales'], fetch: () => new Promise((done) => waiting.push(done)), idOf })
    return () => null
  }
  const queryClient = new QueryClient({ queryCache: new Answers() })
  mount({ setup }, { global: { plugins: [[VueQueryPlugin, { queryClient }]] } })
  const answers = async (no: number, ids: string, next: string | null = null): Promise<void> => {
    waiting[no]!({ items: [...ids].map((id) => ({ id })), next_cursor: next })
    await new Promise((done) => setTimeout(done))
  }
  return { list, waiting, answers, ids: () => list.rows.value.map(idOf).join('') }
}

describe('news of a list', () => {
  it('heard before its first answer is asked for behind it', async () => {
    const { list, answers, ids } = shown()
    void list.refreshHead()
    await answers(0, 'a')
    await answers(1, 'ba')
    expect(ids()).toBe('ba')
  })

  it('is not lost under a page that is fetched meanwhile', async () => {
    const { list, answers, ids } = shown()
    await answers(0, 'b', 'more')
    void list.query.fetchNextPage()
    void list.refreshHead()
    await answers(1, 'a')
    await answers(2, 'cb')
    expect(ids()).toBe('cba')
  })

  it('that was asked for before somebody else wrote the list is asked for again', async () => {
    const { list, answers, ids } = shown()
    await answers(0, 'a')
    void list.refreshHead()
    await Promise.resolve()
    void list.query.refetch()
    await answers(2, 'ba')
    await answers(1, 'a')
    expect(ids()).toBe('ba')
    await answers(3, 'cba')
    expect(ids()).toBe('cba')
  })
})

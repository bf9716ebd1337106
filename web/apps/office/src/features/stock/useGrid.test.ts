import { describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useGrid } from './useGrid.ts'

function setUp(rows = 5, columns = 4) {
  const count = ref(rows)
  const open = vi.fn()
  const show = vi.fn()
  const grid = effectScope().run(() => useGrid({ rows: count, columns: ref(columns), show, open }))!
  const press = (key: string, ctrlKey = false) => grid.onKeydown(new KeyboardEvent('keydown', { key, ctrlKey }))
  return { ...grid, press, open, show, count }
}

describe('the keyboard of the table', () => {
  it('begins at the first cell and moves by cells', () => {
    const { press, selected, activeId } = setUp()
    press('ArrowDown')
    expect(selected.value).toEqual({ row: 0, column: 0 })
    press('ArrowRight')
    press('ArrowDown')
    expect(activeId.value).toBe('cell-1-1')
  })

  it('stops at the edges', () => {
    const { press, selected } = setUp(2, 2)
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight']) press(key)
    expect(selected.value).toEqual({ row: 1, column: 1 })
    press('Home', true)
    expect(selected.value).toEqual({ row: 0, column: 0 })
    press('ArrowUp')
    press('ArrowLeft')
    expect(selected.value).toEqual({ row: 0, column: 0 })
    press('End', true)
    expect(selected.value).toEqual({ row: 1, column: 1 })
  })

  it('opens the chosen cell by Enter, brings it into sight, and lets go by Escape', () => {
    const { press, selected, open, show } = setUp()
    press('Enter')
    expect(open).not.toHaveBeenCalled()
    press('ArrowDown')
    press('PageDown')
    expect(show).toHaveBeenLastCalledWith(4)
    press('Enter')
    expect(open).toHaveBeenCalledWith({ row: 4, column: 0 })
    press('Escape')
    expect(selected.value).toBeUndefined()
  })

  it('lets go when another filter leaves fewer rows', async () => {
    const { press, selected, count } = setUp()
    press('ArrowDown')
    count.value = 3
    await nextTick()
    expect(selected.value).toBeUndefined()
  })
})

// Keyboard and selection of a table by cells: one tab stop, arrows inside, the selected cell named to screen readers.

import { computed, ref, watch, type Ref } from 'vue'

export interface Place {
  row: number
  column: number
}

export function useGrid(options: {
  rows: Ref<number>
  columns: Ref<number>
  show: (row: number) => void
  open: (place: Place) => void
}) {
  const selected = ref<Place>()
  const page = 12

  function select(row: number, column: number): void {
    if (options.rows.value === 0 || options.columns.value === 0) return
    selected.value = {
      row: Math.min(Math.max(row, 0), options.rows.value - 1),
      column: Math.min(Math.max(column, 0), options.columns.value - 1),
    }
    options.show(selected.value.row)
  }

  function onKeydown(event: KeyboardEvent): void {
    const { row, column } = selected.value ?? { row: -1, column: 0 }
    const last = { row: options.rows.value - 1, column: options.columns.value - 1 }
    const all = event.ctrlKey || event.metaKey
    const moves: Record<string, () => void> = {
      ArrowUp: () => select(row - 1, column),
      ArrowDown: () => select(row + 1, column),
      ArrowLeft: () => select(Math.max(row, 0), column - 1),
      ArrowRight: () => select(Math.max(row, 0), selected.value ? column + 1 : 0),
      PageUp: () => select(row - page, column),
      PageDown: () => select(row + page, column),
      Home: () => select(all ? 0 : Math.max(row, 0), 0),
      End: () => select(all ? last.row : Math.max(row, 0), last.column),
      Escape: () => (selected.value = undefined),
      Enter: () => selected.value && options.open(selected.value),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }

  // Another filter: the cell that was chosen is another one now.
  watch([options.rows, options.columns], ([rows, columns], [before]) => {
    const place = selected.value
    if (place && (place.row >= rows || place.column >= columns || rows < before)) selected.value = undefined
  })

  const activeId = computed(() => (selected.value ? `cell-${selected.value.row}-${selected.value.column}` : undefined))
  return { selected, select, onKeydown, activeId }
}

// What there is to see while nobody searches: a category, or what sells here today.

import { hitOf, type Style, type StyleHit } from '@placket/selling'
import { day } from '@placket/ui'
import { computed, ref, shallowRef, watch } from 'vue'
import { moment } from '../../terminal/clock'
import { useGoods } from '../../terminal/goods'

export const BEST = 'best'
const BEST_MAX = 60

export function useBrowse() {
  const { catalogue, today } = useGoods()
  const category = ref(BEST)
  /** A tile stays where the hand has learned it: what sells best is ranked when the day begins and when somebody asks again. */
  const ranked = shallowRef<{ day: string; best: readonly string[] }>({ day: '', best: [] })
  function rank(): void {
    const best = today.value?.best_styles ?? []
    if (best.length > 0) ranked.value = { day: day(moment.value), best }
  }
  watch(today, () => { if (ranked.value.day !== day(moment.value)) rank() }, { immediate: true })
  watch(category, (now) => { if (now === BEST) rank() })

  const categories = computed(() => {
    const used = new Set(catalogue.value?.styles.map(({ category_id: id }) => id))
    const all = catalogue.value?.categories ?? []
    return all
      .filter(({ parent_id: parent }) => parent === null)
      .map((top) => ({ top, ids: [top.id, ...all.filter(({ parent_id: parent }) => parent === top.id).map(({ id }) => id)] }))
      .filter(({ ids }) => ids.some((id) => used.has(id)))
      .sort((a, b) => a.top.position - b.top.position)
  })

  /** The styles of a category, or the best of the day and then the newest. */
  const styles = computed<readonly Style[]>(() => {
    const known = catalogue.value
    if (known === undefined) return []
    if (category.value !== BEST) {
      const ids = new Set(categories.value.find(({ top }) => top.id === category.value)?.ids)
      return known.styles.filter(({ category_id: id }) => ids.has(id))
    }
    const best = ranked.value.best.flatMap((id) => known.styleById.get(id) ?? [])
    const seen = new Set(best)
    return [...best, ...known.styles.filter((style) => !seen.has(style))].slice(0, BEST_MAX)
  })
  const hits = computed<readonly StyleHit[]>(() => {
    const known = catalogue.value
    return known === undefined ? [] : styles.value.map((style) => hitOf(known, style))
  })

  return { category, categories, hits }
}

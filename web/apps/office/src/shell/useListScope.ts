// What a list is about: which part of it the address names, and the place that the whole office looks at.

import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useFilters } from './useFilters.ts'
import { scope, usePlaces } from './useSession.ts'

/** One of several parts of a list; the first one needs no word in the address. */
export function useWhich<W extends string>(whiches: readonly [W, ...W[]], labelOf: (which: W) => string) {
  const { filters } = useFilters(['which'])
  const [first] = whiches
  return {
    which: computed<W>({
      get: () => whiches.find((one) => one === filters.which.value) ?? first,
      set: (value) => (filters.which.value = value === first ? '' : value),
    }),
    whiches: computed(() => whiches.map((value) => ({ value, label: labelOf(value) }))),
  }
}

/** The place to look at, none for the whole chain, and what there is to choose from. */
export function usePlaceScope() {
  const { t } = useI18n()
  const { places, nameOf } = usePlaces()
  return {
    placeId: computed(() => (nameOf(scope.value) === '' ? undefined : scope.value)),
    scopes: computed(() => [{ value: '', label: t('common.whole_chain') }, ...places.value.map((place) => ({ value: place.id, label: place.name }))]),
  }
}

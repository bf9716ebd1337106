// Filters that live in the address: a link shows what its sender saw, and Back undoes a filter.

import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useFilters<K extends string>(names: readonly K[]) {
  const route = useRoute()
  const router = useRouter()

  function set(changes: Partial<Record<K, string>>): void {
    const query = { ...route.query, ...changes }
    for (const name of names) if (!query[name]) delete query[name]
    void router.replace({ query })
  }

  const filters = Object.fromEntries(
    names.map((name) => [
      name,
      computed({ get: () => String(route.query[name] ?? ''), set: (value: string) => set({ [name]: value } as Partial<Record<K, string>>) }),
    ]),
  ) as Record<K, WritableComputedRef<string>>

  const inForce = computed(() => names.filter((name) => filters[name].value !== ''))
  const clear = (): void => set(Object.fromEntries(names.map((name) => [name, ''])) as Partial<Record<K, string>>)
  return { filters, inForce, set, clear }
}

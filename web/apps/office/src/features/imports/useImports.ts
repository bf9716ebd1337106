// Decides what the move-in page does: a file is brought, checked by the server, looked at, and brought in whole or not at all.

import { answer, type Schemas } from '@placket/api'
import { useMutation, useQuery } from '@tanstack/vue-query'
import { computed, ref, type Ref } from 'vue'
import { api } from '../../api.ts'
import { newId } from '../../shell/newId.ts'
import { onLive } from '../../shell/useLive.ts'
import { useMe } from '../../shell/useSession.ts'

export type Listed = Schemas['ImportListed']
export const KINDS = ['catalogue', 'customers', 'stock'] as const
export type Kind = (typeof KINDS)[number]

/** What bringing in each kind takes besides the right to import. */
const DEMANDS: Record<Kind, readonly string[]> = { catalogue: [], customers: ['customer.write', 'credit.issue'], stock: ['stock.adjust'] }

export function useKinds() {
  const { may } = useMe()
  return computed(() => KINDS.filter((kind) => may('catalog.import') && DEMANDS[kind].every((verb) => may(verb))))
}

export function useImports(openId: Ref<string>) {
  const files = useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => answer(api.GET('/api/imports', { params: { query: { limit: 50 } }, signal })), staleTime: 0 })
  const one = useQuery({
    queryKey: ['import', openId],
    queryFn: ({ signal }) => answer(api.GET('/api/imports/{import_id}', { params: { path: { import_id: openId.value } }, signal })),
    enabled: computed(() => openId.value !== ''),
    staleTime: 0,
  })
  onLive(['import.changed'], () => {
    void files.refetch()
    if (openId.value !== '') void one.refetch()
  })
  /** Sent again after no answer, it is still the same file. */
  const ids = new WeakMap<File, string>()
  const asked = ref<File>()
  const bring = useMutation({
    mutationFn: async ({ file, kind }: { file: File; kind: Kind }) => {
      asked.value = file
      const id = ids.get(file) ?? newId()
      ids.set(file, id)
      const form = new FormData()
      form.append('file', file)
      form.append('kind', kind)
      form.append('id', id)
      return answer(api.POST('/api/imports', { body: form as never, bodySerializer: (given: unknown) => given as FormData }))
    },
    onSuccess: (taken) => {
      openId.value = taken.id
      void files.refetch()
    },
  })
  const apply = useMutation({
    mutationFn: (id: string) => answer(api.POST('/api/imports/{import_id}/apply', { params: { path: { import_id: id } } })),
    onSuccess: () => {
      void files.refetch()
      void one.refetch()
    },
  })
  return { files, one, bring, apply }
}

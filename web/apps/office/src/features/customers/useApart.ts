// Two who only look alike: said with one press, taken back from the toast.

import { answer } from '@placket/api'
import { toast } from '@placket/ui'
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, sentenceOf } from '../../api.ts'

export interface Pair {
  one: { id: string }
  other: { id: string }
}

export function useApart() {
  const { t } = useI18n()
  const client = useQueryClient()
  const say = useMutation({
    mutationFn: ({ one, other, apart }: Pair & { apart: boolean }) => answer(api.PUT('/api/customers/{customer_id}/apart', { params: { path: { customer_id: one.id } }, body: { other_id: other.id, apart } })),
    onSuccess: async (_done, said) => {
      if (said.apart) toast(t('person.apart_done'), { undo: () => say.mutate({ ...said, apart: false }) })
      await Promise.all(['customer-duplicates', 'customer-look-alikes'].map((key) => client.invalidateQueries({ queryKey: [key] })))
    },
    onError: (error) => toast(sentenceOf(error, t), { tone: 'warn' }),
  })
  return { apart: (pair: Pair) => say.mutate({ ...pair, apart: true }), busy: say.isPending }
}

// What a place has to pick and send for online orders, and the verbs that do it: every one of them is safe to repeat.

import { answer, type Schemas } from '@placket/api'
import { toast } from '@placket/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'

export type Task = Schemas['TaskShown']
export type TaskLine = Schemas['TaskLine']

export type Sending = Schemas['SendingShown']
export type Lack = Schemas['LackShown']
/** What a parcel of something sold is made of, whoever sends it. */
export type Sold = Pick<Lack, 'receipt_code' | 'branch' | 'customer' | 'note'>
export type Parcel = Schemas['SendingSent']
export type Gone = Schemas['SendingGone'] & { code: string }

const KEY = ['order-tasks'] as const
const LOOK_MS = 15_000

export function usePicking() {
  const { t } = useI18n()
  const client = useQueryClient()
  const tasks = useQuery({ queryKey: KEY, queryFn: ({ signal }) => answer(api.GET('/api/order-tasks', { signal })) })
  onLive(['order.changed'], () => void client.invalidateQueries({ queryKey: KEY }))
  const after = () => client.invalidateQueries({ queryKey: KEY })

  const pick = useMutation({
    mutationFn: ({ task, line }: { task: Task; line: TaskLine }) =>
      answer(api.POST('/api/order-tasks/{order_id}/pick', { params: { path: { order_id: task.order_id } }, body: { promise_id: line.promise_id } })),
    onSettled: after,
  })
  const short = useMutation({
    mutationFn: ({ task, line }: { task: Task; line: TaskLine }) =>
      answer(api.POST('/api/order-tasks/{order_id}/short', { params: { path: { order_id: task.order_id } }, body: { promise_id: line.promise_id } })),
    onSuccess: () => toast(t('picking.missed')),
    onSettled: after,
  })
  /** What left last, for its label. */
  const sent = ref<Gone>()
  const sendings = useQuery({ queryKey: ['depot-sendings'], queryFn: ({ signal }) => answer(api.GET('/api/order-tasks/sendings', { signal })), refetchInterval: LOOK_MS })
  const lacks = useQuery({ queryKey: ['lacks'], queryFn: ({ signal }) => answer(api.GET('/api/order-tasks/lacks', { signal })) })
  onLive(['lack.changed', 'promise.changed'], () => void client.invalidateQueries({ queryKey: ['lacks'] }))
  const carrier = useQuery({ queryKey: ['carrier'], queryFn: ({ signal }) => answer(api.GET('/api/order-tasks/carrier', { signal })) })
  const ship = useMutation({
    /** Without a carrier's name the connected one is asked. */
    mutationFn: ({ task, by, tracking }: { task: Task; by: string | null; tracking: string }) =>
      answer(api.POST('/api/order-tasks/{order_id}/ship', {
        params: { path: { order_id: task.order_id } }, body: { location_id: task.location_id, carrier: by, tracking_no: tracking === '' ? null : tracking },
      })),
    onSuccess: (answered, { task }) => {
      toast(t('picking.shipped', { code: task.code }))
      sent.value = { ...answered, code: task.code }
    },
    onSettled: after,
  })
  return { tasks, carrier, sent, sendings, lacks, pick, short, ship }
}

export const isPicked = ({ lines }: Task): boolean => lines.every(({ phase }) => phase === 'bagged')
/** One row for each order and place. */
export const idOf = ({ order_id: order, location_id: place }: Task): string => `${order}/${place}`

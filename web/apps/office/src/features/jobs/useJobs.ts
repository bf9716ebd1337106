// Decides what the machine room shows: the queue as it stands, and what a person does with a job that failed.

import { answer, type Schemas } from '@placket/api'
import { toast } from '@placket/ui'
import { useMutation, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, sentenceOf } from '../../api.ts'
import { useClock } from '../../shell/useClock.ts'
import { onLive } from '../../shell/useLive.ts'

export type FailedJob = Schemas['FailedJob']

/** Jobs come and go by the second and tell nobody; a failure is told by the stream. */
const REFRESH_MS = 3_000
/** A worker gives a sign of life every five seconds. */
const SILENT_MS = 30_000

export function useJobs() {
  const { t } = useI18n()
  const jobs = useQuery({
    queryKey: ['jobs'],
    queryFn: ({ signal }) => answer(api.GET('/api/jobs', { signal })),
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  })
  onLive(['jobs.changed'], () => void jobs.refetch())
  const now = useClock(5_000)
  const silent = computed(() => jobs.data.value?.worker_at == null || now.value - Date.parse(jobs.data.value.worker_at) > SILENT_MS)

  const ended = (said: string) => ({
    onSuccess: () => (toast(t(said)), void jobs.refetch()),
    onError: (error: Error) => (toast(sentenceOf(error, t), { tone: 'warn' }), void jobs.refetch()),
  })
  const replay = useMutation({ mutationFn: (job: FailedJob) => answer(api.POST('/api/jobs/{job_id}/replay', { params: { path: { job_id: job.id } } })), ...ended('jobs.replayed') })
  const drop = useMutation({ mutationFn: (job: FailedJob) => answer(api.DELETE('/api/jobs/{job_id}', { params: { path: { job_id: job.id } } })), ...ended('jobs.dropped') })
  return { jobs, silent, replay, drop }
}

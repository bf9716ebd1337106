// What the screens of campaigns ask the server for, and how they say where one stands.
import { answer, type Schemas } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'

export type Face = Schemas['CampaignFace']
export type Shown = Schemas['CampaignShown']
export type Counts = Record<string, number>

export const CHANNELS = ['email', 'sms', 'zalo'] as const
export type Channel = (typeof CHANNELS)[number]
const TOLD = ['planned', 'asked', 'sent', 'failed', 'too_late', 'withdrawn', 'skipped', 'cancelled'] as const
export const COUNTED = [...TOLD, 'held_out'] as const
export const TONE = { draft: 'neutral', scheduled: 'info', sending: 'accent', paused: 'warn', done: 'ok', cancelled: 'neutral' } as const

/** How many of those to be told have been seen to, of how many. */
export function progress(counts: Counts): { seen: number; all: number } {
  const all = TOLD.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  return { seen: all - (counts.planned ?? 0) - (counts.asked ?? 0), all }
}

export function useCampaignList() {
  const query = useQuery({ queryKey: ['campaigns'], queryFn: ({ signal }) => answer(api.GET('/api/campaigns', { signal })) })
  onLive(['campaign.changed'], () => void query.refetch())
  return query
}

export function useJourneys() {
  const query = useQuery({ queryKey: ['campaigns', 'journeys'], queryFn: ({ signal }) => answer(api.GET('/api/campaigns/journeys', { signal })) })
  onLive(['campaign.changed'], () => void query.refetch())
  return query
}

export const useChoices = () => useQuery({ queryKey: ['campaigns', 'choices'], queryFn: ({ signal }) => answer(api.GET('/api/campaigns/choices', { signal })) })

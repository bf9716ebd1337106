// A campaign as it stands in the editor: what was typed, as it was typed.
import type { Channel, Shown } from './useCampaigns.ts'

export function draftOf(known: Shown | undefined, segmentId: string) {
  const words = known?.template
  return {
    name: known?.name ?? '',
    channel: (known?.channel ?? 'email') as Channel,
    segment_id: known?.segment_id ?? segmentId,
    template: { subject: words?.subject ?? '', heading: words?.heading ?? '', body: words?.body ?? '', line: words?.line ?? '', button_label: words?.button_label ?? '', button_url: words?.button_url ?? '' },
    promotion_id: known?.promotion_id ?? '',
    voucher_days: String(known?.voucher_days ?? 14),
    holdout: String((known?.holdout_bp ?? 1_000) / 100),
    window: String(known?.window_days ?? 14),
    days: String(known?.days ?? ''),
  }
}

/** A whole number within its bounds, or nothing. */
export function wholeWithin(typed: string, least: number, most: number): number | undefined {
  const value = /^\d{1,6}$/.test(typed.trim()) ? Number(typed) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

// A campaign as it stands in the editor: what was typed, as it was typed.
import type { Channel, Shown } from './useCampaigns.ts'

export const LANGUAGES = ['vi', 'en'] as const
/** The parts of a text that take fields which fill themselves in. */
export const PARTS = ['subject', 'heading', 'body', 'line'] as const
export type Part = (typeof PARTS)[number]

function wordsOf(known: Shown['template'] | null | undefined) {
  return { subject: known?.subject ?? '', heading: known?.heading ?? '', body: known?.body ?? '', line: known?.line ?? '', button_label: known?.button_label ?? '', button_url: known?.button_url ?? '' }
}

export type Words = ReturnType<typeof wordsOf>

export function draftOf(known: Shown | undefined, segmentId: string) {
  return {
    name: known?.name ?? '',
    channel: (known?.channel ?? 'email') as Channel,
    language: LANGUAGES.find((one) => one === known?.language) ?? 'vi',
    segment_id: known?.segment_id ?? segmentId,
    template: wordsOf(known?.template),
    template_en: wordsOf(known?.template_en),
    promotion_id: known?.promotion_id ?? '',
    voucher_days: String(known?.voucher_days ?? 14),
    holdout: String((known?.holdout_bp ?? 1_000) / 100),
    window: String(known?.window_days ?? 14),
    days: String(known?.days ?? ''),
    suggests: known?.suggests ?? false,
  }
}

export type Draft = ReturnType<typeof draftOf>

/** Whether anything is written in English: then whoever reads English gets that instead. */
export function hasEnglish(draft: Draft): boolean {
  return draft.language === 'vi' && Object.values(draft.template_en).some((words) => words.trim() !== '')
}

/** What a channel cannot do without. */
const NEEDED: Readonly<Record<Channel, readonly Part[]>> = { email: ['subject', 'heading', 'body'], sms: ['line'], zalo: ['line'] }

/** What nobody has written yet of a text that is to be sent. */
export function missingParts(draft: Draft): Part[] {
  const texts = hasEnglish(draft) ? [draft.template, draft.template_en] : [draft.template]
  return NEEDED[draft.channel].filter((part) => texts.some((words) => words[part].trim() === ''))
}

/** A whole number within its bounds, or nothing. */
export function wholeWithin(typed: string, least: number, most: number): number | undefined {
  const value = /^\d{1,6}$/.test(typed.trim()) ? Number(typed) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

/** What is wrong with a mail's button, if anything: it has both words and a web address, or neither. */
export function buttonFault({ button_label, button_url }: { button_label: string; button_url: string }): 'half' | 'address' | undefined {
  if (button_url !== '' && !/^https?:\/\/\S+$/.test(button_url)) return 'address'
  return (button_label.trim() === '') === (button_url === '') ? undefined : 'half'
}

/** Words with something put in at a place (the end, if none is known), and where the cursor is then. */
export function putIn(words: string, what: string, at = words.length): [words: string, cursor: number] {
  const place = Math.min(at, words.length)
  return [words.slice(0, place) + what + words.slice(place), place + what.length]
}

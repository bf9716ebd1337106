// What somebody has typed of a style and not published yet stays on this device: a reload, a crash or a day away loses nothing.

import type { Facts } from './useStyle.ts'

const PLACE = 'placket.style-draft.'

/** A draft of a style (or of the new one), made over a version of it. */
export interface Draft { facts: Facts; version: number; atMs: number }

export function keepDraft(styleId: string | undefined, draft: Draft): void {
  localStorage.setItem(PLACE + (styleId ?? 'new'), JSON.stringify(draft))
}

export const dropDraft = (styleId: string | undefined): void => localStorage.removeItem(PLACE + (styleId ?? 'new'))

export function heldDraft(styleId: string | undefined): Draft | undefined {
  const held = localStorage.getItem(PLACE + (styleId ?? 'new'))
  return held === null ? undefined : (JSON.parse(held) as Draft)
}

export interface Difference { field: keyof Facts; before: string; after: string }

/** What publishing would change, field by field, in the order of the form. */
export const differencesOf = (before: Facts, after: Facts): Difference[] =>
  (Object.keys(before) as (keyof Facts)[]).filter((field) => before[field].trim() !== after[field].trim()).map((field) => ({ field, before: before[field].trim(), after: after[field].trim() }))

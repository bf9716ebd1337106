import { beforeEach, expect, it } from 'vitest'
import { differencesOf, dropDraft, heldDraft, keepDraft } from './draft.ts'
import { movedBefore } from './usePictures.ts'
import { EMPTY } from './useStyle.ts'

beforeEach(() => localStorage.clear())

it('keeps what was typed of each style apart, and of the new one', () => {
  const draft = { facts: { ...EMPTY, name_vi: 'Đầm lụa' }, version: 3, atMs: 5 }
  keepDraft('dress', draft)
  keepDraft(undefined, { ...draft, version: 0 })
  expect([heldDraft('dress'), heldDraft(undefined)?.version, heldDraft('shirt')]).toEqual([draft, 0, undefined])
  dropDraft('dress')
  expect([heldDraft('dress'), heldDraft(undefined)?.version]).toEqual([undefined, 0])
})

it('says field by field what publishing would change, and not what is only spaces', () => {
  const now = { ...EMPTY, name_vi: 'Đầm lụa', tags: 'lụa' }
  expect(differencesOf({ ...now, status: 'draft' }, { ...now, name_vi: 'Đầm lụa tơ tằm', tags: ' lụa ', status: 'active' })).toEqual([
    { field: 'name_vi', before: 'Đầm lụa', after: 'Đầm lụa tơ tằm' }, { field: 'status', before: 'draft', after: 'active' },
  ])
})

it('puts one picture before another', () => {
  expect(movedBefore(['a', 'b', 'c', 'd'], 'd', 'b')).toEqual(['a', 'd', 'b', 'c'])
  expect(movedBefore(['a', 'b', 'c'], 'a', 'c')).toEqual(['b', 'a', 'c'])
  expect(movedBefore(['a', 'b'], 'a', 'a')).toEqual(['a', 'b'])
})

import { createI18n } from 'vue-i18n'
import { describe, expect, it } from 'vitest'
import { segmentsVi } from '../../i18n/segments.ts'
import { GROUPS } from '../../shell/groups.ts'
import { isWhole, KINDS, said, sentence, STARTS, wholeOf, type Condition } from './segmentTerms.ts'

const { t } = createI18n({ legacy: false, locale: 'vi', messages: { vi: { segments: segmentsVi } } }).global
const say = (key: string, named: Record<string, unknown> = {}) => t(key, named)
const names = (_kind: string, id: string) => ({ dam: 'Đầm', hbt: 'Hai Bà Trưng', gold: 'Vàng' })[id]

describe('the sentence of a segment', () => {
  it('is what a marketer would say', () => {
    const every: Condition[] = [{ kind: 'orders', least: 2, days: 90 }, { kind: 'bought', categories: ['dam'], isnt: true }]
    expect(sentence(every, say, names)).toBe('Mua từ 2 lần trong 90 ngày qua và chưa mua Đầm từ trước đến nay')
  })

  it.each<[Condition, string]>([
    [{ kind: 'orders', least: 2, most: 4 }, 'mua từ 2 lần đến 4 lần từ trước đến nay'],
    [{ kind: 'orders', least: 1, most: 1 }, 'mua đúng 1 lần từ trước đến nay'],
    [{ kind: 'spent', under_vnd: 500_000, days: 30 }, 'mua dưới 500.000 ₫ trong 30 ngày qua'],
    [{ kind: 'last', longer_days: 120 }, 'đã hơn 120 ngày chưa mua lại'],
    [{ kind: 'group', any_of: ['at_risk', 'cant_lose'] }, 'thuộc nhóm Có nguy cơ rời bỏ hoặc Không thể để mất'],
    [{ kind: 'tier', any_of: ['gold'] }, 'hạng Vàng'],
    [{ kind: 'branch', locations: ['hbt', 'x'] }, 'khách của 2 mục'],
    [{ kind: 'agrees', purpose: 'marketing', isnt: true }, 'chưa đồng ý nhận tin'],
  ])('says %o', (condition, words) => {
    expect(said(condition, say, names).replaceAll('\u00A0', ' ')).toBe(words)
  })

  it('begins with something that says everything but what must be chosen', () => {
    expect(KINDS.filter((kind) => !isWhole(STARTS[kind]()))).toEqual(['bought', 'branch'])
    expect(GROUPS.every((group) => group in segmentsVi.names)).toBe(true)
  })

  it('reads numbers as they are written here', () => {
    expect(['2.000.000 ₫', '2tr', '1,5tr', '500k', '3', 'nhiều'].map(wholeOf)).toEqual([2_000_000, 2_000_000, 1_500_000, 500_000, 3, undefined])
  })
})

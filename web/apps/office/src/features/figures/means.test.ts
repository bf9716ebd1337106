import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { i18n } from '../../i18n/index.ts'
import { DEFINED } from './means.ts'

const RULES = readFileSync(`${import.meta.dirname}/../../../../../../docs/rules/metrics.md`, 'utf8')

describe('what figures mean', () => {
  it('is said in the app of every figure that the rules name', () => {
    const named = RULES.split('\n').filter((line) => line.startsWith('| ')).flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/\(([^)]+)\)/g)].map(([, name]) => name?.toLowerCase()))
    const shown = DEFINED.map((one) => i18n.global.t(`figures.${one}`, {}, { locale: 'vi' }).toLowerCase())
    expect(named).toEqual(['doanh thu', 'doanh thu thuần', 'hóa đơn', 'giá trị tb', 'tỷ lệ trả'])
    expect(shown).toEqual(expect.arrayContaining(named))
  })
})

import { describe, expect, it } from 'vitest'
import { en, vi } from './index.ts'

type Words = { [key: string]: string | Words }

const flat = (words: Words, path = ''): [string, string][] =>
  Object.entries(words).flatMap(([key, value]) => (typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : flat(value, `${path}${key}.`)))
const gaps = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort()

describe('the words of the shop', () => {
  it('say the same in both languages, with the same facts', () => {
    const english = new Map(flat(en))
    for (const [key, text] of flat(vi)) {
      expect(english.get(key), key).toBeTruthy()
      expect(gaps(english.get(key) ?? ''), key).toEqual(gaps(text))
    }
  })
})

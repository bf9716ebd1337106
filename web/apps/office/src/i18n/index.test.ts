import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { uiMessages } from '@placket/ui'
import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { vi } from './vi.ts'

type Tree = { [key: string]: string | Tree }

const flat = (tree: Tree, at = ''): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[at + key, value]] : Object.entries(flat(value, `${at}${key}.`)),
    ),
  )

const root = join(process.cwd(), 'apps/office/src')
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(vue|ts)$/.test(name) && !name.startsWith('i18n'))
  .map((name) => readFileSync(join(root, name), 'utf8'))
  .join('\n')

const texts = flat({ ...vi, ui: uiMessages.vi })

describe('the catalogues', () => {
  it('fill the same places in both languages', () => {
    const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()
    const english = flat(en)
    for (const [key, text] of Object.entries(flat(vi))) expect([key, places(english[key]!)]).toEqual([key, places(text)])
  })

  it('hold every text that a screen asks for', () => {
    const asked = [...sources.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((match) => match[1]!)
    expect(asked.length).toBeGreaterThan(100)
    expect(asked.filter((key) => !(key in texts))).toEqual([])
  })

  it('hold no text that nobody asks for', () => {
    // Spoken by its whole key, as one of a family (`word('ledger.kinds', …)`), or by a key that is put together.
    const begun = [...sources.matchAll(/`([\w.]+)\$\{/g)].map((match) => match[1]!)
    const spoken = (key: string) =>
      sources.includes(`'${key}'`) || sources.includes(`'${key.slice(0, key.lastIndexOf('.'))}'`) || begun.some((start) => key.startsWith(start))
    expect(Object.keys(flat(vi)).filter((key) => !spoken(key))).toEqual([])
  })
})

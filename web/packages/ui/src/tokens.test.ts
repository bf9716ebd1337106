// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const values = (block: string): Record<string, string> =>
  Object.fromEntries([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!]))

const light = values(css.slice(css.indexOf(':root {'), css.indexOf('@media')))
const media = values(css.slice(css.indexOf('@media'), css.indexOf("[data-theme='dark']")))
const dark = values(css.slice(css.indexOf("[data-theme='dark'] {")))

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high! + 0.05) / (low! + 0.05)
}

describe.each([
  ['light', light],
  ['dark', { ...light, ...dark }],
])('the colours of "Lụa", %s', (_name, theme) => {
  const papers = ['bg', 'surface', 'sunken']
  const inks = ['ink', 'ink2', 'ink3', 'accent', 'brass', 'ok', 'warn', 'danger', 'info']

  it.each(inks)('reads %s on every paper', (ink) => {
    for (const paper of papers) expect(contrast(theme[ink]!, theme[paper]!)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['accent', 'brass', 'ok', 'warn', 'danger', 'info'])('reads %s on its own soft tone', (tone) => {
    expect(contrast(theme[tone]!, theme[`${tone}-soft`]!)).toBeGreaterThanOrEqual(4.5)
  })

  it('reads the label of a primary button, also under the pointer', () => {
    expect(contrast(theme['on-accent']!, theme.accent!)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(theme['on-accent']!, theme['accent-h']!)).toBeGreaterThanOrEqual(4.5)
  })

  it('shows the borders of controls', () => {
    for (const paper of papers) expect(contrast(theme.ctl!, theme[paper]!)).toBeGreaterThanOrEqual(3)
  })
})

it('is dark alike by the system and by the switch', () => {
  expect(media).toEqual(dark)
  expect(Object.keys(dark).length).toBeGreaterThan(25)
})

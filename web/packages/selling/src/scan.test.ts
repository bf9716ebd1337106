import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ScanReader, type KeyPress, type Verdict } from './scan.ts'

interface Typed {
  scans: string[]
  verdicts: Verdict[]
}

function type(codes: string[], gapMs: number, change: (press: KeyPress) => KeyPress = (press) => press): Typed {
  const scans: string[] = []
  const reader = new ScanReader((code) => scans.push(code))
  let at = 1_000
  const verdicts = codes.map((code) => {
    at += gapMs
    const press = { code, key: '', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, timeStamp: at }
    return reader.press(change(press))
  })
  if (!codes.includes('Enter') && !codes.includes('Tab')) reader.silence()
  return { scans, verdicts }
}

const digits = (text: string): string[] => [...text].map((digit) => `Digit${digit}`)

test('a burst ended by Enter is a scan, and its Enter presses nothing', () => {
  const { scans, verdicts } = type([...digits('8930000000001'), 'Enter'], 12)
  expect(scans).toEqual(['8930000000001'])
  expect(verdicts.at(-1)).toBe('swallow')
})

test('Tab or silence end it too', () => {
  expect(type([...digits('8930001'), 'Tab'], 30).scans).toEqual(['8930001'])
  expect(type(digits('8930001'), 30).scans).toEqual(['8930001'])
})

test('a person typing is no scan, however fast, and Enter stays Enter', () => {
  const { scans, verdicts } = type([...digits('893000000'), 'Enter'], 45)
  expect(scans).toEqual([])
  expect(verdicts.at(-1)).toBe('pass')
})

test('fewer than six keys are no scan', () => {
  expect(type([...digits('12345'), 'Enter'], 10).scans).toEqual([])
})

test('a pause begins anew: what was typed before is not part of the code', () => {
  const scans: string[] = []
  const reader = new ScanReader((code) => scans.push(code))
  const press = (code: string, timeStamp: number): Verdict =>
    reader.press({ code, key: '', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, timeStamp })
  press('KeyA', 0)
  press('KeyO', 200)
  digits('89300011').forEach((code, place) => press(code, 500 + place * 10))
  press('Enter', 590)
  expect(scans).toEqual(['89300011'])
})

test('a Vietnamese typing tool that changes `key` changes no code', () => {
  const telex = type(['KeyD', 'KeyD', 'KeyA', 'KeyA', 'KeyW', 'Digit1', 'Digit7', 'Enter'], 15, (press) => ({
    ...press, shiftKey: press.code.startsWith('Key'), key: press.code === 'Enter' ? 'Enter' : 'Process',
  }))
  expect(telex.scans).toEqual(['DDAAW17'])
  const vni = type([...digits('6152739'), 'Enter'], 15, (press) => ({ ...press, key: press.code === 'Enter' ? 'Enter' : 'ấ' }))
  expect(vni.scans).toEqual(['6152739'])
})

test('where no physical key is named the character is taken', () => {
  const soft = type(['1', '2', '3', '4', '5', '6', 'Enter'], 15, (press) => ({ ...press, key: press.code, code: '' }))
  expect(soft.scans).toEqual(['123456'])
})

test('shortcuts are never part of a code', () => {
  const { scans } = type([...digits('123456'), 'Enter'], 10, (press) => ({ ...press, ctrlKey: true }))
  expect(scans).toEqual([])
})

/** What typing tools make of a key: letters melt into marks, Windows says `Process`, phones say nothing. */
const mangled = fc.constantFrom('Process', 'Unidentified', 'Dead', 'â', 'Đ', 'ư', 'ấ', 'ă', '')

test('whatever a typing tool does to `key`, the physical keys are the code', () => {
  const character = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ')
  const key = fc.record({ character, key: mangled, gap: fc.integer({ min: 0, max: 35 }) })
  fc.assert(fc.property(fc.array(key, { minLength: 6, maxLength: 20 }), fc.constantFrom('Enter', 'Tab', 'NumpadEnter'), (keys, end) => {
    const scans: string[] = []
    const reader = new ScanReader((code) => scans.push(code))
    let timeStamp = 5_000
    const plain = { ctrlKey: false, altKey: false, metaKey: false }
    for (const { character: typed, key: said, gap } of keys) {
      timeStamp += gap
      const code = /\d/.test(typed) ? `Digit${typed}` : `Key${typed}`
      reader.press({ ...plain, code, key: said, shiftKey: code.startsWith('Key'), timeStamp })
    }
    expect(reader.press({ ...plain, code: end, key: 'Process', shiftKey: false, timeStamp: timeStamp + 5 })).toBe('swallow')
    expect(scans).toEqual([keys.map(({ character: typed }) => typed).join('')])
  }))
})

test('no person is taken for a scanner: a mean gap above 35 ms never is a scan, and Enter passes', () => {
  const gaps = fc.array(fc.integer({ min: 36, max: 60 }), { minLength: 5, maxLength: 20 })
  fc.assert(fc.property(gaps, mangled, (waits, key) => {
    const reader = new ScanReader(() => { throw new Error('that was a person') })
    const press = { code: 'Digit1', key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }
    let timeStamp = 5_000
    reader.press({ ...press, timeStamp })
    for (const wait of waits) reader.press({ ...press, timeStamp: (timeStamp += wait) })
    expect(reader.press({ ...press, code: 'Enter', key: 'Enter', timeStamp: timeStamp + 40 })).toBe('pass')
  }))
})

test('a phone that names no physical key is read by its characters', () => {
  fc.assert(fc.property(fc.stringMatching(/^\d{6,16}$/), (digits) => {
    const soft = type([...digits, 'Enter'], 15, (press) => ({ ...press, key: press.code, code: '' }))
    expect(soft.scans).toEqual([digits])
  }))
})

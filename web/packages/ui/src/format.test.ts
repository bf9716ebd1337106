import { describe, expect, it } from 'vitest'
import { clock, compareNames, date, dateTime, day, fold, isoDay, money, number, percent, shortMoney, time, writtenDay } from './format.ts'

const NBSP = '\u00a0'

describe('formats', () => {
  it('writes money with dots, a no-break space and a true minus', () => {
    expect(money(1_250_000)).toBe(`1.250.000${NBSP}₫`)
    expect(money(-378_000)).toBe(`\u2212378.000${NBSP}₫`)
    expect(number(0)).toBe('0')
    expect([number(-0), number(-0.4), percent(-2)]).toEqual(['0', '0', '0%'])
  })

  it.each([
    [1_284_000_000, 'tỷ', '1,28'],
    [48_600_000, 'tr', '48,6'],
    [350_000, 'nghìn', '350'],
    [999_960_000, 'tỷ', '1'],
    [999_600, 'tr', '1'],
    [-48_600_000, 'tr', '\u221248,6'],
  ])('shortens %i the way people say it', (value, unit, figure) => {
    expect(shortMoney(value)).toBe(`${figure}${NBSP}${unit}`)
  })

  it('leaves small money whole and knows English', () => {
    expect(shortMoney(900)).toBe('900')
    expect(shortMoney(48_600_000, 'en')).toBe(`48,6${NBSP}m`)
  })

  it('writes basis points as per cent', () => {
    expect([percent(1240), percent(1000), percent(-40)]).toEqual(['12,4%', '10%', '\u22120,4%'])
  })

  it('writes dates and times of the shop, wherever the browser stands', () => {
    const at = '2026-11-22T17:05:09Z'
    expect([date(at), time(at), clock(at), dateTime(at), day(at)]).toEqual([
      '23/11/2026',
      '00:05',
      '00:05:09',
      '00:05 23/11/2026',
      '2026-11-23',
    ])
  })

  it('reads days as people write them, and no day that there is not', () => {
    expect(['23/11/2026', '3.2.26', '23112026', '29/02/2027', '11/23/2026', ''].map(isoDay)).toEqual([
      '2026-11-23',
      '2026-02-03',
      '2026-11-23',
      '',
      '',
      '',
    ])
    expect([writtenDay('2026-11-23'), writtenDay('')]).toEqual(['23/11/2026', ''])
  })

  it('sorts names the Vietnamese way', () => {
    expect(['Đào', 'Dung', 'Bùi', 'Ấn', 'Ẩn', 'An'].sort(compareNames)).toEqual(['An', 'Ẩn', 'Ấn', 'Bùi', 'Dung', 'Đào'])
  })

  it('folds case and marks for searching', () => {
    expect(fold('Đầm lụa TƠ TẰM')).toBe('dam lua to tam')
  })
})

import { describe, expect, it } from 'vitest'
import { minuteOf, written } from './hours.ts'
import { progress } from './useCampaigns.ts'

describe('how far a campaign has come', () => {
  it('leaves out whom it does not tell, and counts whom it could not', () => {
    expect(progress({ planned: 3, asked: 2, sent: 10, failed: 1, skipped: 1, held_out: 9 })).toEqual({ seen: 12, all: 17 })
    expect(progress({})).toEqual({ seen: 0, all: 0 })
  })
})

describe('hours', () => {
  it('are read as people write them and refused when they are none', () => {
    expect(['8', '8:00', '21h30', '24:00'].map(minuteOf)).toEqual([480, 480, 1290, 1440])
    expect(['24:01', '8:60', 'tám', ''].map(minuteOf)).toEqual([undefined, undefined, undefined, undefined])
    expect([0, 485, 1440].map(written)).toEqual(['0:00', '8:05', '24:00'])
  })
})

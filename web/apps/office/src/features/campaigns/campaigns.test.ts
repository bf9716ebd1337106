import { describe, expect, it } from 'vitest'
import { buttonFault, draftOf, hasEnglish, missingParts, putIn } from './draft.ts'
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

describe('the button of a mail', () => {
  it('has words and a web address, or neither', () => {
    expect(buttonFault({ button_label: '', button_url: '' })).toBeUndefined()
    expect(buttonFault({ button_label: 'Xem hàng mới', button_url: 'https://lua.vn/hang-moi' })).toBeUndefined()
    expect(buttonFault({ button_label: 'Xem hàng mới', button_url: '' })).toBe('half')
    expect(buttonFault({ button_label: ' ', button_url: 'https://lua.vn' })).toBe('half')
    expect(buttonFault({ button_label: 'Xem', button_url: 'lua.vn' })).toBe('address')
    expect(buttonFault({ button_label: 'Xem', button_url: 'https://lua.vn/hàng mới' })).toBe('address')
  })
})

describe('English words beside the main text', () => {
  it('count once something is written, and only where the main text is not English itself', () => {
    const draft = draftOf(undefined, '')
    expect(hasEnglish(draft)).toBe(false)
    draft.template_en.subject = 'A gift'
    expect(hasEnglish(draft)).toBe(true)
    draft.language = 'en'
    expect(hasEnglish(draft)).toBe(false)
  })
})

describe('what is still to be written', () => {
  it('is each part that the channel needs, in both languages once one has begun the second', () => {
    const draft = draftOf(undefined, '')
    expect(missingParts(draft)).toEqual(['subject', 'heading', 'body'])
    Object.assign(draft.template, { subject: 'Quà', heading: 'Chào', body: 'Mời bạn ghé.' })
    expect(missingParts(draft)).toEqual([])
    draft.template_en.subject = 'A gift'
    expect(missingParts(draft)).toEqual(['heading', 'body'])
    draft.channel = 'sms'
    expect(missingParts(draft)).toEqual(['line'])
  })
})

describe('a field that fills itself in', () => {
  it('goes where the cursor is, or to the end', () => {
    expect(putIn('Chào , mời bạn', '{given_name}', 5)).toEqual(['Chào {given_name}, mời bạn', 17])
    expect(putIn('Chào ', '{given_name}')).toEqual(['Chào {given_name}', 17])
    expect(putIn('', '{points}', 9)).toEqual(['{points}', 8])
  })
})

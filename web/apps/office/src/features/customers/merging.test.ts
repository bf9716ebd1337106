import { describe, expect, it } from 'vitest'
import { firstChoice, firstKeeps, shown, takenOf, type Side } from './merging.ts'

const side = (over: Partial<Side>): Side => ({
  id: '', member_no: 1, member_code: '', full_name: 'Ngọc', phone: null, home_name: null, points: 0, credit_vnd: 0, last_sold_at: null, created_at: '', email: null,
  birth_day: null, birth_month: null, orders: 0, net_vnd: 0, ...over,
})
const card = side({ full_name: 'Trần Bảo Ngọc', phone: '090 ••• 3456', birth_day: 8, birth_month: 3 })
const web = side({ full_name: 'Ngoc Tran', email: 'ng…@example.com' })

describe('a merge of two profiles', () => {
  it('shows a birthday as a day, and nothing for what is not known', () => {
    expect([shown(card, 'birthday'), shown(web, 'birthday'), shown(web, 'phone')]).toEqual(['08/03', '', ''])
  })

  it('keeps what the staying profile says and takes what it lacks', () => {
    const kept = firstChoice(card, web, 'one')
    expect(kept).toEqual({ full_name: 'one', phone: 'one', email: 'other', birthday: 'one' })
    expect(takenOf(kept, 'one')).toEqual(['email'])
    expect(takenOf(firstChoice(card, web, 'other'), 'other')).toEqual(['phone', 'birthday'])
  })

  it('takes nothing where neither knows anything', () => {
    expect(takenOf(firstChoice(side({}), side({}), 'other'), 'other')).toEqual([])
  })

  it('lets the profile with a number stay', () => {
    expect([firstKeeps(web, card), firstKeeps(card, web), firstKeeps(web, web)]).toEqual(['other', 'one', 'one'])
  })
})

import { describe, expect, it } from 'vitest'
import { EMPTY, meant, wrong, type Form } from './form.ts'

const whole: Form = { ...EMPTY, phone: '090 123 4567', name: 'Nguyễn Bảo Ngọc', province: '79', ward: 'Xuân Hòa', street: '214/8 Võ Thị Sáu', branch: 'b' }

describe('the form of the checkout', () => {
  it('needs an address to ship and a branch to collect', () => {
    expect(wrong(EMPTY, 'ship')).toEqual(['phone', 'name', 'province', 'ward', 'street'])
    expect(wrong(EMPTY, 'collect')).toEqual(['phone', 'name', 'branch'])
    expect(wrong(whole, 'ship')).toEqual([])
    expect(wrong(whole, 'collect')).toEqual([])
  })

  it.each(['0901234567', '+84 90 123 4567', '0084901234567', '(024) 3936 0101', '090.123.4567'])('takes %s for a phone', (phone) => {
    expect(wrong({ ...whole, phone }, 'ship')).toEqual([])
  })

  it.each(['', '12345', '0101234567', '09012345678901'])('does not take %s for one', (phone) => {
    expect(wrong({ ...whole, phone }, 'ship')).toEqual(['phone'])
  })

  it('minds an e-mail address only if there is one, and knows what was meant', () => {
    expect(wrong({ ...whole, email: 'ngoc@' }, 'ship')).toEqual(['email'])
    expect(meant('ngoc@gmail.con')).toBe('ngoc@gmail.com')
    expect(meant('ngoc@gmail.com')).toBeUndefined()
    expect(meant('')).toBeUndefined()
  })
})

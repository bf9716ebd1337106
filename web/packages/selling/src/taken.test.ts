import { describe, expect, it } from 'vitest'
import { emptyCart } from './cart.ts'
import { settle } from './payment.ts'
import { countdown, holdsCart, isUnsettled, payStep, withTaken, type Taken } from './taken.ts'

const NOW = Date.parse('2026-11-25T07:32:00Z')
const transfer: Taken = {
  id: 'p1', kind: 'transfer', state: 'waiting', heard: null, cart_id: 'c1', amount_vnd: 300_000, received_vnd: 0, missing_vnd: 300_000,
  surplus_vnd: 0, code: 'DH2600012346', reference: null, expires_at: '2026-11-25T07:42:00Z',
}
const card: Taken = { ...transfer, kind: 'card', code: null, expires_at: null }

describe('where a payment stands', () => {
  it('waits, runs short, expires on the clock of the till', () => {
    expect(payStep(transfer, NOW)).toBe('waiting')
    expect(payStep({ ...transfer, received_vnd: 299_000 }, NOW)).toBe('short')
    expect(payStep(transfer, Date.parse('2026-11-25T07:42:00Z'))).toBe('expired')
    expect(payStep({ ...transfer, state: 'received' }, Date.parse('2026-11-26T00:00:00Z'))).toBe('received')
  })

  it('of a card is what the terminal says, and silence is not a refusal', () => {
    expect(payStep(card, NOW)).toBe('waiting_card')
    expect(payStep({ ...card, heard: 'processing' }, NOW)).toBe('processing')
    expect(payStep({ ...card, heard: 'lost' }, NOW)).toBe('lost')
    expect(payStep({ ...card, heard: 'settled', state: 'declined' }, NOW)).toBe('declined')
  })

  it('holds the cart while a charge may still go through', () => {
    expect((['waiting_card', 'processing', 'lost'] as const).every(holdsCart)).toBe(true)
    expect((['waiting', 'short', 'expired', 'received', 'declined', 'cancelled', 'returned'] as const).some(holdsCart)).toBe(false)
    expect(isUnsettled('short')).toBe(true)
    expect(isUnsettled('declined')).toBe(false)
  })
})

describe('the parts of a cart', () => {
  it('take a payment that has come once, and lose it when its money goes back', () => {
    const cart = emptyCart('c1', 1)
    const paid = withTaken(cart, { ...transfer, state: 'received' })
    expect(paid.parts).toEqual([{ kind: 'transfer', amountVnd: 300_000, reference: 'DH2600012346', paymentId: 'p1' }])
    expect(withTaken(paid, { ...transfer, state: 'received' })).toBe(paid)
    expect(withTaken(paid, { ...transfer, state: 'returning' }).parts).toEqual([])
    expect(withTaken(cart, transfer)).toBe(cart)
  })

  it('name the payment in the tender that the server checks', () => {
    const { parts, tendering } = withTaken(emptyCart('c1', 1), { ...card, state: 'received', reference: '004512' })
    const settled = settle(1_300_000, [{ kind: 'cash', amountVnd: 1_000_000, reference: '' }, ...parts], tendering, 1_000)
    expect(settled.complete && settled.dueVnd === 0).toBe(true)
    expect(settled.tenders).toEqual([
      { kind: 'card', amount_vnd: 300_000, tendered_vnd: null, change_vnd: null, reference: '004512', payment_id: 'p1' },
      { kind: 'cash', amount_vnd: 1_000_000, tendered_vnd: 1_000_000, change_vnd: 0, reference: null, payment_id: null },
    ])
  })
})

describe('the time that is left', () => {
  it('counts down to nothing', () => {
    expect(countdown('2026-11-25T07:42:00Z', NOW)).toBe('10:00')
    expect(countdown('2026-11-25T07:42:00Z', NOW + 595_000)).toBe('0:05')
    expect(countdown('2026-11-25T07:42:00Z', NOW + 900_000)).toBe('0:00')
    expect(countdown(null, NOW)).toBe('0:00')
  })
})

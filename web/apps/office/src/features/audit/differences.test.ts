import { expect, it } from 'vitest'
import { differences } from './differences.ts'

it('shows only what differs', () => {
  expect(differences({ full_name: 'An', status: 'active' }, { full_name: 'Ân', status: 'active' })).toEqual([{ field: 'full_name', before: 'An', after: 'Ân' }])
})

it('shows what began and what ended, and shortens ids', () => {
  expect(differences(null, { roles: [{ role: 'cashier', location_id: '0193a1b2-0000-7000-8000-00000000abcd' }] })).toEqual([
    { field: 'roles', before: '', after: 'cashier 0000abcd' },
  ])
  expect(differences({ reason: 'mất' }, null)).toEqual([{ field: 'reason', before: 'mất', after: '' }])
})

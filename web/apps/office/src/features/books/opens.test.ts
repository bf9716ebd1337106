import { describe, expect, it } from 'vitest'
import { opens } from './opens.ts'

const everything = () => true

describe('the document of a finding', () => {
  it('opens where it is shown', () => {
    expect(opens({ document: 'sale', document_key: 'a', label: 'HN01-1-1-0000001' }, everything)).toEqual({ name: 'sale', params: { saleId: 'a' } })
    expect(opens({ document: 'balance', document_key: 'place:goods', label: 'x' }, everything)).toEqual({ name: 'ledger', params: { variantId: 'goods' }, query: { place: 'place' } })
    expect(opens({ document: 'shift', document_key: 's', label: 'HN01-1 · Z 7' }, everything)).toEqual({ name: 'shifts', query: { open: 's' } })
    expect(opens({ document: 'count', document_key: 'c', label: '12' }, everything)).toEqual({ name: 'count', params: { countId: 'c' } })
    expect(opens({ document: 'epoch', document_key: 'till:1', label: 'HN01-1-1' }, everything)).toEqual({ name: 'sales', query: { q: 'HN01-1-1' } })
  })

  it('stays closed for whoever may not see it, and for what has no screen', () => {
    expect(opens({ document: 'sale', document_key: 'a', label: null }, (verb) => verb !== 'sale.read')).toBeUndefined()
    expect(opens({ document: null, document_key: null, label: null }, everything)).toBeUndefined()
  })
})

// Which screen shows the document of a finding, to whom it may be shown.

import type { Schemas } from '@placket/api'
import type { RouteLocationRaw } from 'vue-router'

export type Finding = Schemas['FindingShown']

const SCREENS: Readonly<Record<string, { verb: string; to: (key: string) => RouteLocationRaw }>> = {
  sale: { verb: 'sale.read', to: (key) => ({ name: 'sale', params: { saleId: key } }) },
  balance: { verb: 'stock.ledger', to: (key) => ({ name: 'ledger', params: { variantId: key.split(':')[1] ?? '' }, query: { place: key.split(':')[0] } }) },
  customer: { verb: 'customer.read', to: (key) => ({ name: 'customers', query: { open: key } }) },
  epoch: { verb: 'sale.read', to: () => ({ name: 'sales' }) },
  order: { verb: 'order.read', to: (key) => ({ name: 'weborder', params: { orderId: key } }) },
  transfer: { verb: 'stock.read', to: (key) => ({ name: 'transfer', params: { transferId: key } }) },
  shift: { verb: 'shift.read', to: (key) => ({ name: 'shifts', query: { open: key } }) },
  count: { verb: 'count.plan', to: (key) => ({ name: 'count', params: { countId: key } }) },
  promotion: { verb: 'promotion.read', to: (key) => ({ name: 'promotion', params: { promotionId: key } }) },
  day: { verb: 'report.read', to: (key) => ({ name: 'reports', query: { from: key, to: key } }) },
}

export function opens(finding: Pick<Finding, 'document' | 'document_key' | 'label'>, may: (verb: string) => boolean): RouteLocationRaw | undefined {
  const screen = finding.document === null ? undefined : SCREENS[finding.document]
  if (screen === undefined || finding.document_key === null || !may(screen.verb)) return undefined
  // A till's numbers are seen where its sales are: found by the front of their codes.
  return finding.document === 'epoch' ? { name: 'sales', query: { q: finding.label ?? '' } } : screen.to(finding.document_key)
}

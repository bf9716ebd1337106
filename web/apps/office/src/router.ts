// The screens of the office and who may open them. A screen nobody may open here is not in the rail either.

import { Unreachable } from '@placket/api'
import { toast } from '@placket/ui'
import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { i18n } from './i18n/index.ts'
import { may, queries, signedOut, type Me } from './api.ts'
import { newId } from './shell/newId.ts'
import { loadMe, loadPlaces } from './shell/useSession.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** The permission that opens the screen. */
    verb?: string
  }
}

const screens: RouteRecordRaw[] = [
  { path: 'dashboard', name: 'dashboard', component: () => import('./features/figures/DashboardView.vue'), meta: { verb: 'report.read' } },
  { path: 'wall', name: 'wall', component: () => import('./features/figures/WallView.vue'), meta: { verb: 'report.read' } },
  { path: 'reports', name: 'reports', component: () => import('./features/figures/ReportView.vue'), meta: { verb: 'report.read' } },
  { path: 'reports/:kind', name: 'report', component: () => import('./features/figures/TableView.vue'), meta: { verb: 'report.read' } },
  { path: 'stock', name: 'stock', component: () => import('./features/stock/MatrixView.vue'), meta: { verb: 'stock.read' } },
  {
    path: 'stock/variants/:variantId',
    name: 'ledger',
    component: () => import('./features/stock/LedgerView.vue'),
    meta: { verb: 'stock.ledger' },
  },
  { path: 'transfers', name: 'transfers', component: () => import('./features/transfers/TransfersView.vue'), meta: { verb: 'stock.read' } },
  { path: 'transfers/new', name: 'transfer-new', component: () => import('./features/transfers/NewTransferView.vue'), meta: { verb: 'stock.transfer' } },
  { path: 'transfers/:transferId/draft', name: 'transfer-draft', component: () => import('./features/transfers/NewTransferView.vue'), meta: { verb: 'stock.transfer' } },
  { path: 'transfers/:transferId', name: 'transfer', component: () => import('./features/transfers/TransferView.vue'), meta: { verb: 'stock.read' } },
  { path: 'counts', name: 'counts', component: () => import('./features/counts/CountsView.vue'), meta: { verb: 'stock.read' } },
  { path: 'counts/:countId', name: 'count', component: () => import('./features/counts/CountView.vue'), meta: { verb: 'count.plan' } },
  { path: 'adjustments', name: 'adjustments', component: () => import('./features/counts/AdjustmentsView.vue'), meta: { verb: 'stock.adjust' } },
  { path: 'goods-in', name: 'supply', component: () => import('./features/supply/SupplyView.vue'), meta: { verb: 'stock.read' } },
  { path: 'goods-in/receive', name: 'receive', component: () => import('./features/supply/ReceiveView.vue'), meta: { verb: 'stock.handle' } },
  { path: 'goods-in/orders/new', name: 'order-new', component: () => import('./features/supply/NewOrderView.vue'), meta: { verb: 'purchase.write' } },
  { path: 'goods-in/orders/:orderId', name: 'order', component: () => import('./features/supply/OrderView.vue'), meta: { verb: 'stock.read' } },
  { path: 'sales', name: 'sales', component: () => import('./features/sales/SalesView.vue'), meta: { verb: 'sale.read' } },
  { path: 'sales/:saleId', name: 'sale', component: () => import('./features/sales/SaleView.vue'), meta: { verb: 'sale.read' } },
  { path: 'online-orders', name: 'weborders', component: () => import('./features/weborders/WebOrdersView.vue'), meta: { verb: 'order.read' } },
  { path: 'e-invoices', name: 'einvoices', component: () => import('./features/einvoices/EinvoicesView.vue'), meta: { verb: 'einvoice.read' } },
  { path: 'online-orders/:orderId', name: 'weborder', component: () => import('./features/weborders/WebOrderView.vue'), meta: { verb: 'order.read' } },
  { path: 'picking', name: 'picking', component: () => import('./features/picking/PickingView.vue'), meta: { verb: 'stock.pick' } },
  { path: 'returned-parcels', name: 'parcels', component: () => import('./features/parcels/ParcelsView.vue'), meta: { verb: 'stock.handle' } },
  { path: 'customers', name: 'customers', component: () => import('./features/customers/CustomersView.vue'), meta: { verb: 'customer.read' } },
  { path: 'data-requests', name: 'privacy', component: () => import('./features/customers/PrivacyView.vue'), meta: { verb: 'privacy.answer' } },
  { path: 'customers/look-alikes', name: 'look-alikes', component: () => import('./features/customers/LookAlikesView.vue'), meta: { verb: 'customer.write' } },
  { path: 'customers/:customerId', name: 'person', component: () => import('./features/customers/CustomerView.vue'), meta: { verb: 'customer.read' } },
  { path: 'customer-groups', name: 'segments', component: () => import('./features/segments/SegmentsView.vue'), meta: { verb: 'segment.read' } },
  { path: 'customer-groups/:segmentId', name: 'segment', component: () => import('./features/segments/SegmentView.vue'), meta: { verb: 'segment.write' } },
  { path: 'campaigns', name: 'campaigns', component: () => import('./features/campaigns/CampaignsView.vue'), meta: { verb: 'campaign.read' } },
  { path: 'campaigns/:campaignId', name: 'campaign', component: () => import('./features/campaigns/CampaignView.vue'), meta: { verb: 'campaign.read' } },
  { path: 'shifts', name: 'shifts', component: () => import('./features/shifts/ShiftsView.vue'), meta: { verb: 'shift.read' } },
  { path: 'payments', name: 'payments', component: () => import('./features/payments/PaymentsView.vue'), meta: { verb: 'payment.read' } },
  { path: 'products', name: 'products', component: () => import('./features/products/ProductsView.vue'), meta: { verb: 'catalog.read' } },
  { path: 'products/:styleId', name: 'style', component: () => import('./features/products/StyleView.vue'), meta: { verb: 'catalog.read' } },
  { path: 'prices', name: 'prices', component: () => import('./features/prices/PricesView.vue'), meta: { verb: 'price.write' } },
  { path: 'imports', name: 'imports', component: () => import('./features/imports/ImportsView.vue'), meta: { verb: 'catalog.import' } },
  { path: 'promotions', name: 'promotions', component: () => import('./features/promotions/PromotionsView.vue'), meta: { verb: 'promotion.read' } },
  { path: 'promotions/:promotionId', name: 'promotion', component: () => import('./features/promotions/PromotionView.vue'), meta: { verb: 'promotion.read' } },
  { path: 'matters', name: 'matters', component: () => import('./features/matters/MattersView.vue'), meta: { verb: 'stock.adjust' } },
  { path: 'counter', name: 'counter', component: () => import('./features/counter/CounterView.vue'), meta: { verb: 'message.write' } },
  { path: 'staff', name: 'staff', component: () => import('./features/people/StaffView.vue'), meta: { verb: 'staff.read' } },
  { path: 'roles', name: 'roles', component: () => import('./features/people/RolesView.vue'), meta: { verb: 'staff.read' } },
  { path: 'return-rules', name: 'return-rules', component: () => import('./features/returns/ReturnRulesView.vue'), meta: { verb: 'settings.write' } },
  { path: 'devices', name: 'devices', component: () => import('./features/devices/DevicesView.vue'), meta: { verb: 'till.read' } },
  { path: 'audit', name: 'audit', component: () => import('./features/audit/AuditView.vue'), meta: { verb: 'audit.read' } },
  { path: 'books', name: 'books', component: () => import('./features/books/BooksView.vue'), meta: { verb: 'audit.read' } },
  { path: 'jobs', name: 'jobs', component: () => import('./features/jobs/JobsView.vue'), meta: { verb: 'system.read' } },
  { path: 'profile', name: 'profile', component: () => import('./features/profile/ProfileView.vue') },
]

/** Something new has an id before it is written. Typed by hand, its address has none yet. */
const beginnings: RouteRecordRaw[] = [
  { path: 'campaigns/new', redirect: ({ query }) => ({ name: 'campaign', params: { campaignId: newId() }, query: { ...query, new: '1' } }) },
  { path: 'customer-groups/new', redirect: ({ query }) => ({ name: 'segment', params: { segmentId: newId() }, query }) },
  { path: '', name: 'home', redirect: { name: 'dashboard' } },
]

export const router = createRouter({
  history: createWebHistory('/office/'),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./features/sign-in/SignInView.vue') },
    {
      path: '/',
      component: () => import('./shell/Shell.vue'),
      children: [...beginnings, ...screens, { path: ':rest(.*)*', name: 'lost', component: () => import('./shell/LostView.vue') }],
    },
  ],
})

/** The first screen that somebody may open: their role decides where they land. */
export const landing = (me: Me): string =>
  ['dashboard', 'stock', 'sales', 'products', 'promotions', 'devices', 'audit'].find((name) =>
    may(me, screens.find((screen) => screen.name === name)?.meta?.verb ?? ''),
  ) ?? 'profile'

router.beforeEach(async (to) => {
  if (to.name === 'sign-in') return true
  let me: Me
  try {
    // A screen opens when the places are known too; without them it opens all the same and asks again itself.
    const places = loadPlaces().catch(() => undefined)
    me = await loadMe()
    await places
  } catch (error) {
    // Without network the shell opens all the same and says so; only an answer can send somebody away.
    if (error instanceof Unreachable) return true
    return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  }
  const verb = to.meta.verb
  if (verb !== undefined && !may(me, verb)) return { name: landing(me), replace: true }
  return true
})

/** Fetch every screen while nothing else is going on: they then open at once, also without network. */
export function prefetchScreens(): void {
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 2_000))
  for (const { component } of screens) idle(() => void (component as () => Promise<unknown>)().catch(() => undefined))
}

// A screen that could not be fetched: the one before stays, and says why.
router.onError(() => toast(i18n.global.t('error.network'), { tone: 'warn' }))

watch(signedOut, (out) => {
  if (!out) return
  signedOut.value = false
  // Nobody was signed in: the guard above shows the way.
  if (queries.getQueryData(['me']) === undefined) return
  queries.clear()
  const here = router.currentRoute.value
  if (here.name === undefined || here.name === 'sign-in') return
  void router.push({ name: 'sign-in', query: { to: here.fullPath, ended: '1' } })
})

// Brings the shop's pages to life. Each page loads only what it needs; without any of this it can still be read.

import { createApp, createSSRApp, watchEffect, type Component } from 'vue'
import { i18n } from './i18n.ts'
import { cart, pieces } from './shell/cart.ts'
import { quoteEarly } from './shell/orders.ts'
import './shop.css'

type View = () => Promise<{ default: Component }>

const views: Record<string, View> = {
  cart: () => import('./features/cart/CartView.vue'),
  checkout: () => import('./features/checkout/CheckoutView.vue'),
  order: () => import('./features/order/OrderView.vue'),
  account: () => import('./features/account/AccountView.vue'),
  card: () => import('./features/account/CardView.vue'),
}

const YEAR_S = 31_536_000
const badge = document.querySelector<HTMLElement>('#cart-count')
watchEffect(() => {
  // The server is told no more than that there is something in the cart: whether the checkout's page comes with its form.
  document.cookie = `cart=1; path=/; samesite=lax; max-age=${pieces.value > 0 ? YEAR_S : 0}`
  if (badge === null) return
  badge.textContent = String(pieces.value)
  badge.hidden = pieces.value === 0
})

/** A page of the shop, for what is shown of it inside another one. */
async function page(address: string): Promise<Document | undefined> {
  const { loadPage } = await import('@placket/api')
  return loadPage(address)
}

async function start(): Promise<void> {
  const name = document.documentElement.dataset.page ?? ''
  const place = document.querySelector<HTMLElement>('#app')
  const view = views[place?.dataset.view ?? '']
  if (place !== null && view !== undefined) {
    if (place.dataset.view === 'checkout' && pieces.value > 0) quoteEarly(cart.value)
    const shown = (await view()).default
    const isWritten = pieces.value > 0 && place.querySelector('form') !== null
    ;(isWritten ? createSSRApp : createApp)(shown).use(i18n).mount(place)
  } else if (name === 'product') {
    ;(await import('./features/product/mount.ts')).mount()
  } else if (name === 'list') {
    ;(await import('./features/list.ts')).enliven()
  } else if (name === 'search') {
    ;(await import('./features/search.ts')).enliven(page)
  } else if (name === 'home') {
    ;(await import('./features/home.ts')).enliven(page)
  }
}

void start()
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined))
}

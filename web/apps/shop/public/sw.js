// Keeps the shop at hand without network: pages as they were last seen, the cart and the member card always, pictures seen.
// Prices are never answered from here: what a page then shows is as old as the page, and the cart says so.

const PAGES = 'shop-pages-1'
const FILES = 'shop-files-1'
const PICTURES = 'shop-pictures-1'
const ALWAYS = ['/offline', '/en/offline', '/cart', '/en/cart', '/account/card', '/en/account/card']
const PATIENCE_MS = 4_000
const PAGES_MAX = 60
const PICTURES_MAX = 400
const NOT_PAGES = /^\/(api|pos|office|ws|r|media|shop)(\/|$)/
// What belongs to one order, or must be true: never from the past.
const ONLY_NOW = /^(\/en)?\/(checkout|orders)(\/|$)/

self.addEventListener('install', (event) => event.waitUntil(prepare()))
self.addEventListener('activate', (event) => event.waitUntil(tidy()))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== self.location.origin) return
  if (address.pathname.startsWith('/shop/assets/')) event.respondWith(kept(FILES, request))
  else if (address.pathname.startsWith('/media/')) event.respondWith(kept(PICTURES, request, PICTURES_MAX))
  else if (request.mode === 'navigate' && !NOT_PAGES.test(address.pathname)) event.respondWith(page(request, address))
})

self.addEventListener('push', (event) => event.waitUntil(told(event.data?.json() ?? {})))
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(opened(event.notification.data?.url ?? '/'))
})

/** News of an order, shown once however often it comes. */
const told = ({ title = '', body = '', url = '/', tag }) => self.registration.showNotification(title, { body, tag, icon: '/shop/icon.svg', data: { url } })

/** The page that the news are about: the window that shows it, else a new one. */
async function opened(url) {
  const address = new URL(url, self.location.origin)
  if (address.origin !== self.location.origin) return
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const there = windows.find((one) => new URL(one.url).pathname === address.pathname)
  await (there === undefined ? self.clients.openWindow(address.href) : there.focus())
}

/** Everything the app is made of, and the pages that must always open. */
async function prepare() {
  const files = await (await fetch('/shop/.vite/manifest.json', { cache: 'no-cache' })).json()
  const cache = await caches.open(FILES)
  await cache.addAll(named(files))
  const pages = await caches.open(PAGES)
  await pages.addAll(ALWAYS.map((path) => new Request(path, { cache: 'reload' })))
  await self.skipWaiting()
}

/** Away with the files of earlier versions and with other caches. */
async function tidy() {
  const [files, cache] = [await (await fetch('/shop/.vite/manifest.json')).json(), await caches.open(FILES)]
  const current = new Set(named(files))
  for (const request of await cache.keys()) if (!current.has(new URL(request.url).pathname)) await cache.delete(request)
  for (const name of await caches.keys()) if (name.startsWith('shop-') && ![PAGES, FILES, PICTURES].includes(name)) await caches.delete(name)
  await self.clients.claim()
}

const named = (files) => [...new Set(Object.values(files).flatMap((file) => [file.file, ...(file.css ?? []), ...(file.assets ?? [])]))].map((file) => `/shop/${file}`)

/** The copy that is kept, else the answer, which is kept. */
async function kept(name, request, most) {
  const cache = await caches.open(name)
  const copy = await cache.match(request)
  if (copy !== undefined) return copy
  const answer = await fetch(request)
  if (answer.ok) {
    await cache.put(request, answer.clone())
    if (most !== undefined) await drop(cache, most)
  }
  return answer
}

/** The page as it is now; without network, as it was last seen; else what there is to say. */
async function page(request, address) {
  const cache = await caches.open(PAGES)
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (answer.ok && !ONLY_NOW.test(address.pathname)) {
      await cache.put(request, answer.clone())
      await drop(cache, PAGES_MAX)
    }
    return answer
  } catch {
    const copy = await cache.match(request, { ignoreSearch: ALWAYS.includes(address.pathname) })
    const apology = address.pathname === '/en' || address.pathname.startsWith('/en/') ? '/en/offline' : '/offline'
    return copy ?? (await cache.match(apology)) ?? Response.error()
  }
}

/** No more than so many: the oldest go, but for the pages that must always open. */
async function drop(cache, most) {
  const keys = await cache.keys()
  const spare = keys.filter((request) => !ALWAYS.includes(new URL(request.url).pathname))
  for (const request of spare.slice(0, Math.max(0, keys.length - most))) await cache.delete(request)
}

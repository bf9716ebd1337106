// Brings a product page to life: what the server wrote there stays until the app stands in its place.

import { createApp } from 'vue'
import type { Style } from '../../api.ts'
import { i18n } from '../../i18n.ts'
import { remember, recall } from '../../shell/memory.ts'
import ProductBuy from './ProductBuy.vue'

const SEEN = 'seen'
const SEEN_MAX = 12

export function mount(): void {
  const place = document.querySelector<HTMLElement>('#buy')
  const text = document.querySelector('#style')?.textContent
  if (place === null || !text) return
  const style = JSON.parse(text) as Style
  const branches = document.querySelector('#branches')
  branches?.replaceChildren()
  createApp(ProductBuy, { style, first: place.dataset.colour ?? style.swatches[0]?.code ?? '' }).use(i18n).mount(place)
  const seen = (recall<string[]>(SEEN) ?? []).filter((code) => code !== style.code)
  remember(SEEN, [style.code, ...seen].slice(0, SEEN_MAX))
  zoom()
}

/** A tap on a picture shows it as large as it is, a second one as before. */
function zoom(): void {
  document.querySelector('.frames')?.addEventListener('dblclick', (event) => {
    if (event.target instanceof HTMLImageElement) void event.target.requestFullscreen?.()
  })
}

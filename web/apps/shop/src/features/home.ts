// The clock of a flash sale, by the shop's time and not the device's; it is read out once a minute, not every second.

import { at, say } from '../i18n.ts'
import { countdown } from '../shell/countdown.ts'
import { recall } from '../shell/memory.ts'

type Load = (address: string) => Promise<Document | undefined>

const RAIL_MAX = 8

/** What is left in the sizes that this shopper chooses, shown below what everybody sees. */
async function inYourSize(load: Load): Promise<void> {
  const [category, size] = Object.entries(recall<Record<string, string>>('sizes') ?? {}).pop() ?? []
  const place = document.querySelector('.kinds')?.closest('section')
  if (category === undefined || size === undefined || !place) return
  const address = `${at(`/c/${category}`)}?size=${encodeURIComponent(size)}`
  const cards = [...((await load(address))?.querySelectorAll('.grid .card') ?? [])].slice(0, RAIL_MAX)
  if (cards.length === 0) return
  const section = document.createElement('section')
  section.className = 'sec'
  section.dataset.testid = 'shop.home.yours'
  const head = document.createElement('div')
  head.className = 'head'
  const title = document.createElement('h2')
  title.textContent = say('product.yours', { size })
  const more = document.createElement('a')
  more.className = 'more'
  more.href = address
  more.textContent = say('product.see_size')
  head.append(title, more)
  const rail = document.createElement('div')
  rail.className = 'rail'
  rail.tabIndex = 0
  rail.setAttribute('role', 'region')
  rail.setAttribute('aria-label', title.textContent)
  rail.append(...cards)
  section.append(head, rail)
  place.after(section)
}

export function enliven(load: Load): void {
  void inYourSize(load)
  const band = document.querySelector<HTMLElement>('.flash')
  const clock = band?.querySelector('time')
  if (!band || !clock) return
  const behind_ms = Number(band.dataset.nowMs) - Date.now()
  const ends_ms = Number(band.dataset.endsMs)
  const show = (): void => {
    const left_ms = ends_ms - Date.now() - behind_ms
    clock.textContent = say('product.timer', { time: countdown(left_ms) })
    if (left_ms <= 0) band.hidden = true
  }
  show()
  setInterval(show, 1_000)
}

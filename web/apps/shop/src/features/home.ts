// The clock of a flash sale, by the shop's time and not the device's; it is read out once a minute, not every second.

import { say } from '../i18n.ts'
import { countdown } from '../shell/countdown.ts'

export function enliven(): void {
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

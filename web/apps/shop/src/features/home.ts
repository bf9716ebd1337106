// The clock of a flash sale, by the shop's time and not the device's; it is read out once a minute, not every second.

import { say } from '../i18n.ts'

const MINUTE_S = 60
const HOUR_S = 3_600

/** `27:55`, or `1:27:55`. */
export function countdown(left_ms: number): string {
  const left_s = Math.max(0, Math.ceil(left_ms / 1_000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor((left_s % HOUR_S) / MINUTE_S)
  const hours = Math.floor(left_s / HOUR_S)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left_s % MINUTE_S)}` : `${minutes}:${two(left_s % MINUTE_S)}`
}

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

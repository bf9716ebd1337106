// What is left of a time, as people read a clock.

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

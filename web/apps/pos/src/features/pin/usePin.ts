// Signing in by PIN or badge: digits collected, the sixth signs in, a lock counted down.

import { Refusal } from '@placket/api'
import { useIntervalFn } from '@vueuse/core'
import { isBadge } from '@placket/selling'
import { computed, onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { unlockSound } from '../../terminal/sound'
import { NotKnownHere } from '../../terminal/proof'
import { signIn, signInByBadge } from '../../terminal/till'

export const PIN_DIGITS = 6
/** Six digits from the keyboard may be the beginning of a badge: a scanner's next key comes sooner than this. */
const SCANNER_MS = 80

export function usePin() {
  const { t } = useI18n()
  const staffId = ref('')
  const pin = ref('')
  const error = ref('')
  const busy = ref(false)
  const lockedUntil = ref(0)
  const now = ref(Date.now())
  let waiting: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(waiting))
  useIntervalFn(() => { now.value = Date.now() }, 500)

  const lockedFor = computed(() => Math.max(0, Math.ceil((lockedUntil.value - now.value) / 1_000)))
  const message = computed(() => (lockedFor.value > 0 ? t('pin.locked', { seconds: lockedFor.value }) : error.value))

  function choose(id: string): void {
    staffId.value = id
    pin.value = ''
    error.value = ''
    lockedUntil.value = 0
  }

  /** `byKey`: from a keyboard, where a scanner types too. */
  async function type(digits: string, byKey = false): Promise<void> {
    if (busy.value || lockedFor.value > 0 || staffId.value === '') return
    clearTimeout(waiting)
    pin.value = digits.replace(/\D/g, '').slice(0, PIN_DIGITS)
    if (pin.value !== '') error.value = ''
    if (pin.value.length < PIN_DIGITS) return
    const enter = (): Promise<void> => attempt(() => signIn(staffId.value, pin.value))
    if (byKey) waiting = setTimeout(() => void enter(), SCANNER_MS)
    else await enter()
  }

  /** A scan on this screen: a badge signs in, whoever is chosen; any other code is told so. */
  async function scanned(code: string): Promise<void> {
    clearTimeout(waiting)
    pin.value = ''
    if (busy.value) return
    if (isBadge(code)) await attempt(() => signInByBadge(code))
    else if (code.length > PIN_DIGITS) error.value = t('scan.badge.only')
  }

  async function attempt(enter: () => Promise<void>): Promise<void> {
    busy.value = true
    void unlockSound()
    try {
      await enter()
    } catch (failure) {
      pin.value = ''
      if (failure instanceof NotKnownHere) error.value = t(`pin.alone_${failure.code}`)
      else error.value = failure instanceof Refusal ? failure.detail : t('pair.no_answer')
      if (failure instanceof NotKnownHere && failure.code === 'locked') lockedUntil.value = Date.now() + failure.seconds * 1_000
      if (failure instanceof Refusal && failure.code === 'too_many_attempts') {
        lockedUntil.value = Date.now() + (failure.retryAfter ?? 60) * 1_000
      }
    } finally {
      busy.value = false
    }
  }

  return { staffId, pin, busy, lockedFor, message, choose, type, scanned }
}

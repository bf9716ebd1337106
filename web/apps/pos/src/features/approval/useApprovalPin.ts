// The approver's digits or badge: the sixth digit decides, or the scan; what is wrong is said, and a lock is counted down.

import { Refusal } from '@placket/api'
import { isBadge } from '@placket/selling'
import { useIntervalFn } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { approveBy, approversOf, MayNotAgree, useApproval, type Approver, type Proof } from '../../terminal/approval'
import { borrowScans } from '../../terminal/scanner'
import { play } from '../../terminal/sound'
import { NotKnownHere } from '../../terminal/proof'

export const PIN_DIGITS = 6
/** Six digits from the keyboard may be the beginning of a badge: a scanner's next key comes sooner than this. */
const SCANNER_MS = 80
const TICK_MS = 500
const LOCK_S = 60

export function useApprovalPin() {
  const { t } = useI18n()
  const { asked } = useApproval()
  const people = shallowRef<Approver[]>()
  const chosenId = ref('')
  const pin = ref('')
  const error = ref('')
  const busy = ref(false)
  const lockedUntil = ref(0)
  const now = ref(Date.now())
  let waiting: ReturnType<typeof setTimeout> | undefined
  useIntervalFn(() => { now.value = Date.now() }, TICK_MS)

  const chosen = computed(() => people.value?.find(({ id }) => id === chosenId.value))
  const lockedFor = computed(() => Math.max(0, Math.ceil((lockedUntil.value - now.value) / 1_000)))
  const message = computed(() => (lockedFor.value > 0 ? t('pin.locked', { seconds: lockedFor.value }) : error.value))

  onScopeDispose(() => {
    clearTimeout(waiting)
    borrowScans(undefined)
  })

  watch(asked, async (now, before) => {
    clearTimeout(waiting)
    people.value = undefined
    if (now !== undefined) borrowScans((code) => void scanned(code))
    else if (before !== undefined) borrowScans(undefined)
    choose('')
    if (now === undefined) return
    const found = await approversOf(now.wish)
    if (asked.value !== now) return
    people.value = found
    choose(found[0]?.id ?? '')
  }, { immediate: true })

  function choose(id: string): void {
    chosenId.value = id
    pin.value = ''
    error.value = ''
    lockedUntil.value = 0
  }

  /** `byKey`: from a keyboard, where a scanner types too. */
  async function type(digits: string, byKey = false): Promise<void> {
    if (busy.value || lockedFor.value > 0 || chosen.value === undefined) return
    clearTimeout(waiting)
    pin.value = digits.replace(/\D/g, '').slice(0, PIN_DIGITS)
    if (pin.value !== '') error.value = ''
    if (pin.value.length < PIN_DIGITS) return
    const proof = { staff_id: chosen.value.id, pin: pin.value }
    if (byKey) waiting = setTimeout(() => void attempt(proof), SCANNER_MS)
    else await attempt(proof)
  }

  /** A badge agrees, whoever is chosen; any other code is told so. */
  async function scanned(code: string): Promise<void> {
    if (code.length <= PIN_DIGITS) return
    clearTimeout(waiting)
    pin.value = ''
    if (busy.value) return
    if (isBadge(code)) await attempt({ badge: code })
    else error.value = t('scan.badge.only')
  }

  async function attempt(proof: Proof): Promise<void> {
    busy.value = true
    error.value = ''
    try {
      await approveBy(proof)
    } catch (failure) {
      refuse(failure)
    } finally {
      pin.value = ''
      busy.value = false
    }
  }

  function refuse(failure: unknown): void {
    play('missing')
    if (failure instanceof NotKnownHere) {
      error.value = t(`pin.alone_${failure.code}`)
      if (failure.code === 'locked') lockedUntil.value = Date.now() + failure.seconds * 1_000
    } else if (failure instanceof MayNotAgree) {
      error.value = t('terms.approval.may_not', { name: failure.person })
    } else if (failure instanceof Refusal) {
      error.value = failure.detail
      if (failure.code === 'too_many_attempts') lockedUntil.value = Date.now() + (failure.retryAfter ?? LOCK_S) * 1_000
    } else throw failure
  }

  return { asked, people, chosen, chosenId, pin, busy, lockedFor, message, choose, type }
}

// The approver's digits: the sixth decides; a wrong one is said, and a lock is counted down.

import { Refusal } from '@placket/api'
import { useIntervalFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { approveBy, approversOf, useApproval, type Approver } from '../../terminal/approval'
import { play } from '../../terminal/sound'
import { NotKnownHere } from '../../terminal/till'

export const PIN_DIGITS = 6
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
  useIntervalFn(() => { now.value = Date.now() }, TICK_MS)

  const chosen = computed(() => people.value?.find(({ id }) => id === chosenId.value))
  const lockedFor = computed(() => Math.max(0, Math.ceil((lockedUntil.value - now.value) / 1_000)))
  const message = computed(() => (lockedFor.value > 0 ? t('pin.locked', { seconds: lockedFor.value }) : error.value))

  watch(asked, async (now) => {
    people.value = undefined
    choose('')
    if (now === undefined) return
    const found = await approversOf(now.wish)
    people.value = found
    choose(found[0]?.id ?? '')
  }, { immediate: true })

  function choose(id: string): void {
    chosenId.value = id
    pin.value = ''
    error.value = ''
    lockedUntil.value = 0
  }

  async function type(digits: string): Promise<void> {
    if (busy.value || lockedFor.value > 0 || chosen.value === undefined) return
    pin.value = digits.replace(/\D/g, '').slice(0, PIN_DIGITS)
    if (pin.value !== '') error.value = ''
    if (pin.value.length < PIN_DIGITS) return
    busy.value = true
    try {
      await approveBy(chosen.value, pin.value)
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
    } else if (failure instanceof Refusal) {
      error.value = failure.detail
      if (failure.code === 'too_many_attempts') lockedUntil.value = Date.now() + (failure.retryAfter ?? LOCK_S) * 1_000
    } else throw failure
  }

  return { asked, people, chosen, chosenId, pin, busy, lockedFor, message, choose, type }
}

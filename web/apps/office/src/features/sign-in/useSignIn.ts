// Decides how far somebody is with signing in, and how long they have to wait after too many attempts.

import { answer, Refusal } from '@placket/api'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { api, sentenceOf, welcome } from '../../api.ts'
import { useClock } from '../../shell/useClock.ts'
import { landing } from '../../router.ts'

const LOCK_S = 60

export function useSignIn() {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()

  const email = ref('')
  const password = ref('')
  const totp = ref('')
  const step = ref<'password' | 'totp'>('password')
  const busy = ref(false)
  const error = ref('')
  const lockedUntil = ref(0)
  const now = useClock(1_000)

  /** What is left of the lock as `0:47`, or nothing. */
  const locked = computed(() => {
    const left_s = Math.ceil((lockedUntil.value - now.value) / 1_000)
    return left_s > 0 ? `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, '0')}` : ''
  })

  async function submit(): Promise<void> {
    if (busy.value || locked.value !== '') return
    if (email.value.trim() === '' || password.value === '' || (step.value === 'totp' && !/^\d{6}$/.test(totp.value.trim()))) {
      error.value = t('error.required')
      return
    }
    busy.value = true
    error.value = ''
    try {
      const me = await answer(
        api.POST('/api/auth/sign-in', {
          body: { email: email.value.trim(), password: password.value, ...(step.value === 'totp' ? { totp: totp.value.trim() } : {}) },
        }),
      )
      welcome(me)
      const to = route.query.to
      await router.replace(typeof to === 'string' && to.startsWith('/') ? to : { name: landing(me) })
    } catch (failure) {
      explain(failure)
    } finally {
      busy.value = false
    }
  }

  function explain(failure: unknown): void {
    if (failure instanceof Refusal && failure.code === 'totp_required') {
      step.value = 'totp'
      return
    }
    if (failure instanceof Refusal && failure.code === 'too_many_attempts') {
      lockedUntil.value = Date.now() + (failure.retryAfter ?? LOCK_S) * 1_000
      return
    }
    totp.value = ''
    error.value = sentenceOf(failure, t)
  }

  function startOver(): void {
    step.value = 'password'
    password.value = totp.value = error.value = ''
  }

  const ended = computed(() => route.query.ended === '1')
  return { email, password, totp, step, busy, error, locked, ended, submit, startOver }
}

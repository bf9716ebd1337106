// Who is signed in, and how somebody gets there; the card itself is kept on the device for when there is no network.

import { answer, Refusal, type Schemas } from '@placket/api'
import { onMounted, onScopeDispose, ref } from 'vue'
import { api, sentenceOf } from '../../api.ts'
import { card, keepCard } from '../../shell/card.ts'

export type Member = Schemas['Member']
export type Bought = Schemas['Bought']
type Say = (key: string, named?: Record<string, unknown>) => string

export function useAccount(t: Say) {
  const member = ref<Member>()
  /** All that was asked for has come, or is said not to. */
  const asked = ref(false)
  const trouble = ref('')
  const sent = ref<Schemas['CodeSent']>()
  const wait_s = ref(0)
  const needsName = ref(false)
  const busy = ref(false)
  const purchases = ref<Bought[]>()
  const before = ref<string | null>(null)
  const suggested = ref<Schemas['MemberSuggestion'][]>([])

  const clock = setInterval(() => (wait_s.value = Math.max(0, wait_s.value - 1)), 1_000)
  onScopeDispose(() => clearInterval(clock))

  async function act(run: () => Promise<void>): Promise<void> {
    busy.value = true
    trouble.value = ''
    try {
      await run()
    } catch (error) {
      if (error instanceof Refusal && error.code === 'name_needed') needsName.value = true
      else trouble.value = sentenceOf(error, t)
    } finally {
      busy.value = false
    }
  }

  const send = (address: string): Promise<void> =>
    act(async () => {
      sent.value = await answer(api.POST('/api/shop/v1/account/codes', { body: { address } }))
      wait_s.value = sent.value.again_after_s
    })

  const enter = (code: string, full_name: string): Promise<unknown> =>
    act(async () => {
      const code_id = sent.value?.id ?? ''
      welcome(await answer(api.POST('/api/shop/v1/account/session', { body: { code_id, code, full_name: full_name.trim() || null, wants_token: false } })))
      asked.value = false
      await rest()
    }).finally(() => (asked.value = true))

  const leave = (): Promise<void> =>
    act(async () => {
      await api.DELETE('/api/shop/v1/account/session')
      member.value = undefined
      purchases.value = undefined
      sent.value = undefined
      keepCard(undefined)
    })

  const speak = (tongue: Member['language']): Promise<void> =>
    act(async () => {
      await api.PUT('/api/shop/v1/account/language', { body: { language: tongue } })
      if (member.value) member.value = { ...member.value, language: tongue }
    })

  async function more(): Promise<void> {
    const page = await answer(api.GET('/api/shop/v1/account/purchases', { params: { query: { before: before.value } } }))
    purchases.value = [...(purchases.value ?? []), ...page.items]
    before.value = page.before
  }

  /** What may suit somebody: without it the page is whole as well. */
  async function suggest(): Promise<void> {
    suggested.value = await answer(api.GET('/api/shop/v1/account/recommendations')).catch(() => [])
  }

  /** All that stands on the page besides who it is. */
  const rest = (): Promise<unknown> => Promise.all([more(), suggest()])

  function welcome(found: Member): void {
    member.value = found
    needsName.value = false
    keepCard({ full_name: found.full_name, member_no: found.member_no, code: found.code })
  }

  onMounted(async () => {
    // Whoever has signed in here has left their card; without one there is nobody to ask for.
    if (card() === undefined) {
      asked.value = true
      return
    }
    try {
      const coming = rest()
      coming.catch(() => undefined) // said below, unless there is nobody to say it to
      welcome(await answer(api.GET('/api/shop/v1/account')))
      await coming
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'not_signed_in') trouble.value = sentenceOf(error, t)
      if (error instanceof Refusal && error.code === 'not_signed_in') keepCard(undefined)
    } finally {
      asked.value = true
    }
  })

  return { member, asked, trouble, sent, wait_s, needsName, busy, purchases, suggested, before, send, enter, leave, speak, more: () => act(more), restart: () => (sent.value = undefined) }
}

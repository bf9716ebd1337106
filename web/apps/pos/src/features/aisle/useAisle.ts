// An order for a customer at the counter: priced, held, paid on their phone; every step says what is true now.

import { Refusal, Unreachable } from '@placket/api'
import type { Variant } from '@placket/selling'
import { useIntervalFn } from '@vueuse/core'
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { aisleNow, dropAisle, orderAisle, payAisle, provinces, quoteAisle, type AisleOrder, type AisleWish, type Method, type Quoted } from '../../terminal/aisle'
import { customerNow } from '../../terminal/customers'
import { useInvoices } from '../../terminal/invoices'
import { play } from '../../terminal/sound'
import { useTill } from '../../terminal/till'

const ASK_AGAIN_MS = 700
const SHORTEST = 2

export function useAisle(variant: Variant, from: string | undefined) {
  const { t } = useI18n()
  const { session, start } = useTill()
  const buyer = customerNow(useInvoices().cart.value.customer?.id)

  const wish = reactive<AisleWish>({ variantId: variant.id, qty: 1, kind: from === undefined ? 'ship' : 'collect', locationId: from ?? null, provinceCode: null })
  const person = reactive({ name: buyer?.name ?? '', phone: '', ward: '', street: '' })
  const places = shallowRef<{ code: string; name: string }[]>([])
  const quote = shallowRef<Quoted>()
  const order = shallowRef<AisleOrder>()
  const trouble = ref('')
  /** How many questions are on their way. */
  const open = ref(0)
  const busy = computed(() => open.value > 0)

  const state = computed(() => order.value?.state)
  const ready = computed(() => {
    const who = person.name.trim().length >= SHORTEST && /^\+?[\d\s.-]{9,18}$/.test(person.phone.trim())
    if (wish.kind === 'collect') return who && wish.locationId !== null
    return who && wish.provinceCode !== null && person.ward.trim().length >= SHORTEST && person.street.trim().length >= SHORTEST
  })
  const methods = computed(() => (quote.value?.methods ?? []).filter(({ allowed }) => allowed).map(({ kind }) => kind))
  const isPaid = computed(() => state.value === 'confirmed' || state.value === 'done')

  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    trouble.value = ''
    open.value += 1
    try {
      return await work()
    } catch (error) {
      if (error instanceof Unreachable) trouble.value = t('aisle.needs_network')
      else if (error instanceof Refusal) trouble.value = error.detail
      else throw error
      play('attention')
      return undefined
    } finally {
      open.value -= 1
    }
  }

  /** What it costs; as if it were sent, as long as nobody has said where it is collected. */
  let turn = 0
  async function price(): Promise<void> {
    const mine = ++turn
    const asked: AisleWish = wish.kind === 'collect' && wish.locationId === null ? { ...wish, kind: 'ship' } : { ...wish }
    const told = await attempt(() => quoteAisle(asked))
    if (mine === turn) quote.value = told ?? quote.value
  }
  watch(() => [wish.kind, wish.locationId, wish.qty] as const, () => void price(), { immediate: true })
  const learn = async (): Promise<void> => { places.value = (await attempt(provinces)) ?? [] }
  void learn()

  /** Hold it: a depot at once, a branch by its word. */
  async function hold(): Promise<void> {
    await price()
    const expectedVnd = quote.value?.total_vnd
    if (expectedVnd === undefined || trouble.value !== '') return
    order.value = (await attempt(() => orderAisle({ ...wish }, expectedVnd, state.value === 'held' ? order.value : undefined))) ?? order.value
    if (state.value === 'asking' || state.value === 'held') following.resume()
  }

  async function pay(method: Method): Promise<void> {
    const held = order.value
    if (held === undefined) return
    const address = wish.kind === 'ship' ? { province_code: wish.provinceCode ?? '', ward: person.ward.trim(), street: person.street.trim(), old_address: null } : null
    const note = t('aisle.note', { branch: start.value?.branch.name ?? '', staff: session.value?.staff.full_name ?? '' })
    const recipient = { phone: person.phone.trim(), name: person.name.trim(), email: null, note, address }
    order.value = (await attempt(() => payAisle(held, recipient, method))) ?? order.value
    following.resume()
  }

  /** Nobody pays: what is held is free again. */
  async function drop(): Promise<void> {
    const held = order.value
    if (held !== undefined && ['asking', 'held'].includes(held.state)) await attempt(() => dropAisle(held))
    order.value = undefined
    following.pause()
  }

  async function look(): Promise<void> {
    const known = order.value
    if (known === undefined) return
    try {
      const now = await aisleNow(known)
      // Paid or let go while this was being asked: it is from before.
      if (order.value === known) order.value = now
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
    }
    if (state.value !== 'asking' && state.value !== 'held') following.pause()
  }
  const following = useIntervalFn(() => void look(), ASK_AGAIN_MS, { immediate: false })
  watch(isPaid, (now) => { if (now) play('paid') })
  // A layer that is closed before anything is paid keeps nothing from other customers.
  onScopeDispose(() => { if (!isPaid.value && order.value?.payment == null) void drop() })

  return { wish, person, places, quote, order, trouble, busy, state, ready, methods, isPaid, hold, pay, drop }
}

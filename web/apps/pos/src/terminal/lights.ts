// What stands between a cart and its sale: questions about promised or missing pieces, for each line that has one. Off line
// this till decides from its board and books; on line the server has decided, and only its refusals are shown.

import { answerOf, inBag, questionsOf, settled, type Cart, type Question } from '@placket/selling'
import { computed } from 'vue'
import { useClockDoubt } from './clock'
import { useJournal } from './journal'
import { useInvoices } from './invoices'
import { useLine } from './line'
import { useStock } from './stock'
import { useSync } from './sync'
import { useTill } from './till'

/** Whether sales go straight into the journal: the server cannot be asked, or does not know who is at work. */
export function sellsAlone(): boolean {
  const { isJoined } = useTill()
  return useLine().quality.value === 'offline' || !isJoined.value
}

/** The till has started and is on its way to the server: what it knows is from before, and it says so. */
export function isComing(): boolean {
  const { isJoined, phase, session } = useTill()
  return useLine().quality.value !== 'offline' && phase.value === 'open' && !isJoined.value && session.value?.token !== undefined
}

/** What has to be answered before this cart can be sold without the server. */
export function questionsAlone(cart: Cart): Question[] {
  const { board } = useSync()
  const { branchId, isBlind } = useTill()
  const held = board.value
  if (held === undefined || isBlind.value) return []
  const { takenUnsent } = useJournal()
  const { view } = useStock()
  const onHand = (variantId: string): number =>
    view.value.balance(branchId.value, variantId).onHand - (takenUnsent.value.get(variantId) ?? 0)
  return questionsOf({ cart, branchId: branchId.value, board: held, onHand })
}

/** Lines that need the server: goods that are in nobody's hand here, and held pieces that do not lie in a bag of their own. */
export function remoteLines(cart: Cart): number[] {
  const { branchId, isBlind } = useTill()
  const held = isBlind.value ? undefined : useSync().board.value
  return cart.lines.flatMap(({ sourceId, promiseId }, place) =>
    sourceId === branchId.value && (promiseId === undefined || inBag(held, promiseId)) ? [] : [place])
}

/** This till does not know what is promised, and whoever is at work has not said to sell on all the same. */
export function asksBlind(): boolean {
  const { isBlind, blindBy, session } = useTill()
  return isBlind.value && blindBy.value !== session.value?.staff.id
}

/** The open questions of the active cart; `refused` are those of the server. */
export function useLights(refused: () => readonly Question[]) {
  const { cart } = useInvoices()
  const alone = computed(() => sellsAlone())
  const questions = computed(() =>
    alone.value
      ? questionsAlone(cart.value)
      : refused().filter((question) => !settled(question, answerOf(cart.value, question.variantId))))
  return {
    alone,
    questions,
    remote: computed(() => (alone.value ? remoteLines(cart.value) : [])),
    blind: computed(() => alone.value && !isComing() && cart.value.lines.length > 0 && asksBlind()),
    clock: computed(() => (alone.value && !isComing() && cart.value.lines.length > 0 ? useClockDoubt().doubt.value : undefined)),
  }
}

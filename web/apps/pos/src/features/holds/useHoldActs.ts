// What can be done with a promise of this branch: bag it with a label, sell it to whom it is kept for, put it back, look for it.

import { Refusal, Unreachable } from '@placket/api'
import { bagRows, codeOf, spokenCode, type BoardPromise, type Variant } from '@placket/selling'
import { toast } from '@placket/ui'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useGoods } from '../../terminal/goods'
import { bagPiece, letHoldGo, openBag, sayMissing, scanBack, sellHeld } from '../../terminal/holds'
import { print } from '../../terminal/printer'
import { useTill } from '../../terminal/till'

export function useHoldActs() {
  const { t, locale } = useI18n()
  const { catalogue, locations } = useGoods()
  const { start } = useTill()
  const error = ref('')

  const variantOf = ({ variant_id: id }: BoardPromise): Variant | undefined => catalogue.value?.byId.get(id)
  const nameOf = (promise: BoardPromise): string => {
    const style = variantOf(promise)?.style
    return (locale.value === 'en' ? style?.name_en : style?.name_vi) ?? ''
  }
  /** Whom it is for: a name, else the order as people call it. */
  const whomOf = (promise: BoardPromise): string => promise.held_for ?? t('holds.order', { code: spokenCode(codeOf(promise)) })
  const placeOf = (id: string | null): string | undefined => locations.value.find((place) => place.id === id)?.name

  /** Do it, and say so; what is refused or unreachable is said beside the list. */
  async function attempt<T>(work: () => Promise<T | undefined>, done: (result: T) => string): Promise<T | undefined> {
    error.value = ''
    try {
      const result = await work()
      if (result !== undefined) toast(done(result))
      return result
    } catch (trouble) {
      if (trouble instanceof Refusal) error.value = trouble.detail
      else if (trouble instanceof Unreachable) error.value = t('holds.needs_network')
      else throw trouble
      return undefined
    }
  }

  function label(promise: BoardPromise, bagCode: string): void {
    const { phone_tail: tail, pay_by: until, qty } = promise
    const variant = variantOf(promise)
    const customer = tail === null ? whomOf(promise) : `${whomOf(promise)} ${t('holds.phone', { tail })}`
    const lines = [{ name: variant?.style.name_vi ?? '', sku: variant?.sku ?? '', qty }]
    const rows = bagRows({ branch: start.value?.branch.name ?? '', title: t('holds.title'), code: bagCode, customer, until, lines })
    void print({ kind: 'bag', rows, title: bagCode })
  }

  async function bag(promise: BoardPromise): Promise<void> {
    const bagged = await attempt(() => bagPiece(promise.id), ({ bag_code: code }) => t('holds.bagged', { code: code ?? '' }))
    if (bagged?.bag_code) label(promise, bagged.bag_code)
  }

  return {
    error, variantOf, nameOf, whomOf, placeOf, label, bag,
    unbag: (one: BoardPromise) => attempt(() => openBag(one.id), () => t('holds.unbagged')),
    back: (one: BoardPromise) => attempt(() => scanBack(one.id), () => t('holds.scanned_back')),
    missing: (one: BoardPromise) => attempt(() => sayMissing(one.id), () => t('holds.missed')),
    letGo: (one: BoardPromise) => attempt(() => letHoldGo(one.ref), () => t('holds.let_gone')),
    sell: (one: BoardPromise): boolean => sellHeld(one),
  }
}

// What is typed on a discount's sheet: how, how much and why; what it takes off, and whether the person at work may.

import {
  covers, DISCOUNT_REASONS, limitBp, neededBp, takenOff, verbOf, WHOLE_BP, type Adjust, type Owed, type Reaches,
} from '@placket/selling'
import { money } from '@placket/ui'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { askApproval } from '../../terminal/approval'
import { sellsAlone } from '../../terminal/lights'
import { percentText, useOffText } from '../../terminal/offText'
import { useTill } from '../../terminal/till'

export type Mode = 'qty' | Adjust['kind']

const PERCENT_BP = 100
const PERCENT_DIGITS = 3
const MONEY_DIGITS = 9
const QTY_DIGITS = 3

export function useTerms(
  before: Adjust | undefined, first: Mode, owedFor: (kind: Adjust['kind'] | undefined) => Owed,
  fits?: (limit: number, adjust: Adjust) => boolean,
) {
  const { t } = useI18n()
  const { session } = useTill()
  const offText = useOffText()
  const mode = ref<Mode>(before?.kind ?? first)
  const typed = ref<Record<Mode, string>>({ qty: '', percent: '', amount: '', price: '' })
  const reason = ref<string>(before?.reason ?? DISCOUNT_REASONS[0])
  const note = ref(before?.note ?? '')
  if (before !== undefined) {
    typed.value[before.kind] = String(before.kind === 'percent' ? Math.round(before.value / PERCENT_BP) : before.value)
  }

  const digits = computed({
    get: () => typed.value[mode.value],
    set: (text: string) => { typed.value = { ...typed.value, [mode.value]: text.replace(/^0+(?=\d)/, '') } },
  })
  const most = computed(() => ({ qty: QTY_DIGITS, percent: PERCENT_DIGITS, amount: MONEY_DIGITS, price: MONEY_DIGITS })[mode.value])
  /** The kind of adjustment in hand: pieces are no adjustment, and the one there was stays beside them. */
  const kind = ref<Adjust['kind'] | undefined>(before?.kind)

  const owed = computed(() => owedFor(kind.value))
  const adjust = computed<Adjust | undefined>(() => {
    if (kind.value === undefined || typed.value[kind.value] === '') return undefined
    const number = Number(typed.value[kind.value])
    const value = kind.value === 'percent' ? Math.min(number * PERCENT_BP, WHOLE_BP) : number
    if (takenOff({ kind: kind.value, value }, owed.value) === 0) return undefined
    return { kind: kind.value, value, reason: reason.value, ...(note.value.trim() !== '' && { note: note.value.trim() }) }
  })
  const offVnd = computed(() => takenOff(adjust.value, owed.value))

  const limit = computed(() => {
    const verb = verbOf(kind.value ?? 'percent')
    const reaches: Reaches = session.value?.reaches ?? {}
    return limitBp(reaches[verb], sellsAlone())
  })
  const allowed = computed(() => {
    if (adjust.value === undefined) return true
    return fits === undefined ? covers(limit.value, adjust.value, owed.value) : fits(limit.value, adjust.value)
  })

  function choose(next: Mode): void {
    mode.value = next
    if (next !== 'qty') kind.value = next
  }

  /** `%` goes from percent to đồng and back. */
  function toggle(): void {
    choose(mode.value === 'percent' ? 'amount' : 'percent')
  }

  /** The adjustment with leave for it; `refused` when it needs somebody who did not agree. */
  async function withLeave(about: string): Promise<Adjust | undefined | 'refused'> {
    const wanted = adjust.value
    if (wanted === undefined || allowed.value) return wanted
    if (before?.approvedBy !== undefined && same(before, wanted)) return { ...wanted, approvedBy: before.approvedBy, approvalId: before.approvalId }
    const name = session.value?.staff.full_name ?? ''
    const verb = verbOf(wanted.kind)
    const why = wanted.kind === 'price' && limit.value === 0
      ? t('terms.approval.no_price', { name })
      : t(sellsAlone() ? 'terms.approval.limit_alone' : 'terms.approval.limit', { name, limit: percentText(limit.value) })
    const approval = await askApproval({ verb, about, why, discountBp: neededBp(wanted, owed.value) })
    if (approval === undefined) return 'refused'
    return { ...wanted, approvedBy: approval.staffId, ...(approval.id !== null && { approvalId: approval.id }) }
  }

  function about(key: 'discount' | 'bill', name: string): string {
    const what = adjust.value === undefined ? '' : offText(adjust.value)
    return t(`terms.approval.${key}`, { what, name, money: money(offVnd.value), reason: t(`terms.reasons.${reason.value}`) })
  }

  return { mode, digits, most, kind, reason, note, adjust, offVnd, limit, allowed, typed, owed, choose, toggle, withLeave, about }
}

function same(one: Adjust, other: Adjust): boolean {
  return one.kind === other.kind && one.value === other.value && one.reason === other.reason
}

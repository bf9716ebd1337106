// What happens on the shift's sheet: one step at a time, each act sent under an id that stays until it is answered.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { worthOfAll, xRows, zRows, type Row, type TypedNotes } from '@placket/selling'
import { money, toast } from '@placket/ui'
import { computed, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { askApproval, type Approval } from '../../terminal/approval'
import * as shifts from '../../terminal/shift'
import { StaleCount } from '../../terminal/shiftAlone'
import { useTill } from '../../terminal/till'

export type Step = 'home' | 'open' | 'take-over' | 'move' | 'x' | 'count' | 'result' | 'z'

export function useShiftSheet(print: (rows: readonly Row[]) => void) {
  const { t } = useI18n()
  const { start } = useTill()
  const { now } = shifts.useShift()

  const step = ref<Step>()
  const busy = ref(false)
  const error = ref('')
  const notes = ref<TypedNotes>({})
  const note = ref('')
  const reason = ref('')
  const bag = ref('')
  const kind = ref<'in' | 'out'>('out')
  const amountVnd = ref(0)
  const counted = shallowRef<shifts.CountShown>()
  const x = shallowRef<Schemas['XReport']>()
  const z = shallowRef<Schemas['ZShown']>()
  let id = shifts.freshId()

  const overLimit = computed(() => kind.value === 'out' && amountVnd.value > (now.value?.cash_out_vnd_max ?? 0))
  const paper = computed(() => (z.value === undefined ? [] : zRows(start.value?.company.name ?? '', z.value)))
  const xPaper = computed(() => {
    const shift = now.value?.shift
    if (x.value === undefined || !shift) return []
    const { till, branch, company } = start.value ?? {}
    return xRows(company?.name ?? '', {
      ...x.value, till_code: `${branch?.code ?? ''}-${String(till?.number ?? '')}`, location_name: branch?.name ?? '',
      staff_name: shift.staff_name, opened_at: shift.opened_at,
    })
  })
  const ready = computed(() => {
    switch (step.value) {
      case 'move': return amountVnd.value > 0 && reason.value.trim().length >= 3
      case 'result': return counted.value?.needs_approval !== true || reason.value.trim().length >= 3
      default: return true
    }
  })

  // The first answer says where to begin.
  watch(now, (known) => {
    if (known !== undefined && step.value === undefined) go(known.shift === null ? 'open' : 'home')
  }, { immediate: true })
  void shifts.refreshShift()

  function go(next: Step): void {
    step.value = next
    error.value = ''
    id = shifts.freshId()
    if (next !== 'result') reason.value = ''
    if (next === 'open' || next === 'count') notes.value = {}
    if (next === 'x' || next === 'count') void act(async () => { x.value = await shifts.xReport() })
  }

  async function act(work: () => Promise<void>): Promise<void> {
    busy.value = true
    error.value = ''
    try {
      await work()
    } catch (failure) {
      if (failure instanceof StaleCount) {
        go('count')
        error.value = t('shift.count_again')
        return
      }
      if (!(failure instanceof Refusal) && !(failure instanceof Unreachable)) throw failure
      if (failure instanceof Refusal && failure.code === 'count_stale') go('count')
      if (failure instanceof Refusal && failure.code === 'recount_used') {
        await shifts.refreshShift()
        startClose()
      }
      if (failure instanceof Refusal && (failure.code === 'shift_open' || failure.code === 'no_open_shift')) {
        await shifts.refreshShift()
        go(now.value?.shift ? 'home' : 'open')
      }
      error.value = failure instanceof Refusal ? failure.detail : t('shift.no_answer')
    } finally {
      busy.value = false
    }
  }

  const open = (done: () => void): Promise<void> => act(async () => {
    await shifts.openShift(id, notes.value, note.value)
    toast(t('shift.opened', { money: money(worthOfAll(notes.value)) }))
    done()
  })

  /** Do what somebody else has to agree to, once they have; nothing happens when nobody does. */
  const agreed = (about: string, why: string, work: (approval: Approval) => Promise<void>): Promise<void> => act(async () => {
    const approval = await askApproval({ verb: 'shift.approve', about, why })
    if (approval !== undefined) await work(approval)
  })

  const takeOver = (): Promise<void> =>
    agreed(t('shift.take_over_about', { name: now.value?.shift?.staff_name }), '', async (approval) => {
      await shifts.takeOver(approval)
      toast(t('shift.taken_over'))
      go('home')
    })

  function move(): Promise<void> {
    const write = async (approval?: Approval): Promise<void> => {
      await shifts.moveCash(id, kind.value, amountVnd.value, reason.value.trim(), approval)
      toast(t('shift.written', { money: money(amountVnd.value) }))
      go('home')
    }
    if (!overLimit.value) return act(write)
    const about = t('shift.move_about', { money: money(amountVnd.value), reason: reason.value.trim() })
    return agreed(about, t('shift.over_limit', { money: money(now.value?.cash_out_vnd_max ?? 0) }), write)
  }

  /** Count, unless that has been done: then what was counted stands, as long as nothing was sold since. */
  function startClose(): void {
    counted.value = now.value?.shift?.counts.at(-1)
    go(counted.value === undefined ? 'count' : 'result')
  }

  const compare = (): Promise<void> => act(async () => {
    counted.value = await shifts.countDrawer(id, notes.value)
    await shifts.refreshShift()
    go('result')
  })

  function close(): Promise<void> {
    const shut = async (approval?: Approval): Promise<void> => {
      z.value = await shifts.closeShift(reason.value, bag.value, approval)
      go('z')
      print(paper.value)
    }
    if (counted.value?.needs_approval !== true) return act(shut)
    const off = counted.value.variance_vnd
    const about = t('shift.close_about', { what: t(off < 0 ? 'shift.short' : 'shift.over', { money: money(Math.abs(off)) }).toLocaleLowerCase(), reason: reason.value.trim() })
    return agreed(about, t('shift.limit', { money: money(now.value?.variance_vnd_max ?? 0) }), shut)
  }

  function startMove(which: 'in' | 'out'): void {
    kind.value = which
    amountVnd.value = 0
    go('move')
  }

  return {
    step, busy, error, notes, note, reason, bag, kind, amountVnd, counted, x, xPaper, z, paper, ready, overLimit,
    go, open, takeOver, move, compare, close, startClose, startMove,
  }
}

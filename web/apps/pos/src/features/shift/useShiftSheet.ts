// What happens on the shift's sheet: one step at a time, each act sent under an id that stays until it is answered.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { worthOfAll, xRows, zRows, type Row, type TypedNotes } from '@placket/selling'
import { money, toast } from '@placket/ui'
import { computed, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import * as shifts from '../../terminal/shift'
import { StaleCount } from '../../terminal/shiftAlone'
import { NotKnownHere, useTill } from '../../terminal/till'

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
  const approval = ref<shifts.Approval | null>(null)
  const counted = shallowRef<shifts.CountShown>()
  const x = shallowRef<Schemas['XReport']>()
  const z = shallowRef<Schemas['ZShown']>()
  let id = shifts.freshId()

  const pinReady = computed(() => now.value?.may_approve === true || approval.value?.pin.length === 6)
  const consent = computed(() => (approval.value?.pin.length === 6 ? approval.value : null))
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
      case 'move': return amountVnd.value > 0 && reason.value.trim().length >= 3 && (!overLimit.value || pinReady.value)
      case 'take-over': return pinReady.value
      case 'result': return counted.value?.needs_approval !== true || (reason.value.trim().length >= 3 && pinReady.value)
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
    approval.value = null
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
      if (failure instanceof NotKnownHere) {
        if (approval.value !== null) approval.value = { ...approval.value, pin: '' }
        error.value = failure.code === 'locked' ? t('pin.locked', { seconds: failure.seconds }) : t('pin.alone_wrong')
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
      if (failure instanceof Refusal && approval.value !== null) approval.value = { ...approval.value, pin: '' }
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

  const takeOver = (): Promise<void> => act(async () => {
    await shifts.takeOver(consent.value)
    toast(t('shift.taken_over'))
    go('home')
  })

  const move = (): Promise<void> => act(async () => {
    await shifts.moveCash(id, kind.value, amountVnd.value, reason.value.trim(), overLimit.value ? consent.value : null)
    toast(t('shift.written', { money: money(amountVnd.value) }))
    go('home')
  })

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

  const close = (): Promise<void> => act(async () => {
    z.value = await shifts.closeShift(reason.value, bag.value, counted.value?.needs_approval === true ? consent.value : null)
    go('z')
    print(paper.value)
  })

  function startMove(which: 'in' | 'out'): void {
    kind.value = which
    amountVnd.value = 0
    go('move')
  }

  return {
    step, busy, error, notes, note, reason, bag, kind, amountVnd, approval, counted, x, xPaper, z, paper, ready, overLimit,
    go, open, takeOver, move, compare, close, startClose, startMove,
  }
}

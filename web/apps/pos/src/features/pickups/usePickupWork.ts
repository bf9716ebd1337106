// Decides what a scan means while online orders are picked and handed over, and what each button does.

import { Refusal, Unreachable } from '@placket/api'
import { bagRows, lineFor, listOf, routeCode, taskOfCode, type BoardPromise, type PickList } from '@placket/selling'
import { toast } from '@placket/ui'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { moment } from '../../terminal/clock'
import { useGoods } from '../../terminal/goods'
import { scanBack } from '../../terminal/holds'
import { sellsAlone } from '../../terminal/lights'
import { useLine } from '../../terminal/line'
import { markPainted } from '../../terminal/marks'
import { handOver, pickLine, refreshPickups, sayShort, scanPiece, shipTask, usePickups, type Task, type TaskLine } from '../../terminal/pickups'
import { print } from '../../terminal/printer'
import { play } from '../../terminal/sound'

const VIBRATE_MS = 30
/** So many digits of a code are enough for somebody who reads it out. */
const SPOKEN_DIGITS = 6

export function usePickupWork() {
  const { t, locale } = useI18n()
  const { catalogue } = useGoods()
  const { quality } = useLine()
  const pickups = usePickups()

  const openId = ref<string>()
  const tab = ref<PickList>(pickups.toPick.value.length > 0 || pickups.ready.value.length === 0 ? 'pick' : 'ready')
  const trouble = ref('')
  /** What the customer showed or said of the order in hand. */
  const shown = ref('')

  const task = computed(() => pickups.open.value.find(({ order_id: id }) => id === openId.value))
  const codeFits = computed(() => {
    const code = task.value?.pick_up_code ?? null
    const digits = shown.value.replace(/\D/g, '')
    return code !== null && digits.length >= SPOKEN_DIGITS && code.endsWith(digits)
  })
  const nameOf = (line: TaskLine): string => (locale.value === 'en' ? line.name_en : line.name_vi)
  const faceOf = (line: TaskLine): string => [locale.value === 'en' ? line.colour_en : line.colour_vi, line.size].filter(Boolean).join(' · ')

  function open(next: Task | undefined): void {
    openId.value = next?.order_id
    trouble.value = ''
    shown.value = ''
    if (next !== undefined) tab.value = listOf(next, moment.value)
    else void refreshPickups()
  }

  function wrong(sentence: string): void {
    trouble.value = sentence
    play('missing')
  }

  async function attempt<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
    trouble.value = ''
    try {
      return await work()
    } catch (error) {
      if (error instanceof Unreachable) wrong(t('pickups.needs_network'))
      else if (error instanceof Refusal) {
        wrong(error.detail)
        void refreshPickups()
      } else throw error
      return undefined
    }
  }

  function label(of: Task, line: TaskLine): void {
    if (line.bag_code === null) return
    const customer = [of.name, of.phone_tail === null ? '' : t('pickups.phone', { tail: of.phone_tail })].filter(Boolean).join(' ')
    const lines = [{ name: line.name_vi, sku: line.sku, qty: line.qty }]
    const title = t(`pickups.paper.${of.kind}`, { code: of.code })
    void print({ kind: 'bag', title: line.bag_code, rows: bagRows({ branch: of.location_name, title, code: line.bag_code, customer, until: of.keep_until, lines }) })
  }

  async function pick(of: Task, line: TaskLine): Promise<void> {
    const bagged = await attempt(() => pickLine(of, line))
    if (bagged === undefined) return
    const now = pickups.open.value.find(({ order_id: id }) => id === of.order_id) ?? of
    const done = listOf(now, moment.value) !== 'pick'
    toast(done ? t(of.kind === 'collect' ? 'pickups.all_picked' : 'pickups.all_packed', { code: of.code }) : t('pickups.picked', { code: bagged.bag_code }))
    label(now, bagged)
  }

  async function short(of: Task, line: TaskLine): Promise<void> {
    if ((await attempt(() => sayShort(of, line))) === undefined) return
    toast(t('pickups.missed'))
    if (task.value === undefined) open(undefined)
  }

  async function give(of: Task): Promise<void> {
    if (!codeFits.value || of.pick_up_code === null) return
    const code = of.pick_up_code
    const alone = sellsAlone()
    if ((await attempt(() => handOver(of, code))) === undefined) return
    toast(t(alone ? 'pickups.handed_alone' : 'pickups.handed', { code: of.code, name: of.name ?? '' }))
    play('paid')
    open(undefined)
  }

  async function ship(of: Task, carrier: string, trackingNo: string): Promise<boolean> {
    if ((await attempt(() => shipTask(of, carrier, trackingNo))) === undefined) return false
    toast(t('pickups.shipped', { code: of.code }))
    open(undefined)
    return true
  }

  async function shelve(promise: BoardPromise): Promise<void> {
    if ((await attempt(() => scanBack(promise.id))) !== undefined) toast(t('pickups.on_shelf'))
  }

  /** A piece is picked for the order in hand, else for the most urgent that lacks it; a code shows its order. */
  function scanned(text: string): void {
    if (catalogue.value === undefined) return
    const code = routeCode(text, catalogue.value)
    trouble.value = ''
    if (code.kind === 'item') pieceScanned(code.variant.id, code.variant.sku)
    else codeScanned(text)
  }

  /** Whether a code means something here, while no order is in hand. */
  function knows(text: string): boolean {
    if (catalogue.value === undefined) return false
    const code = routeCode(text, catalogue.value)
    if (code.kind === 'item') return lineFor(pickups.toPick.value, code.variant.id, undefined) !== undefined
    return taskOfCode(pickups.open.value, text) !== undefined || pickups.toShelf.value.some(({ bag_code: bag }) => bag === text)
  }

  function pieceScanned(variantId: string, sku: string): void {
    const found = scanPiece(variantId, listOfOpen() === 'pick' ? openId.value : undefined)
    if (found === undefined) {
      const wanted = task.value?.lines.filter(({ phase }) => phase === 'confirmed').map((line) => line.sku).join(', ')
      wrong(wanted ? t('pickups.not_in', { sku, wanted }) : t('pickups.not_wanted', { sku }))
      return
    }
    play('scan')
    navigator.vibrate?.(VIBRATE_MS)
    void markPainted('scan:painted')
    if (task.value?.order_id !== found.task.order_id) open(found.task)
    if (found.full) void pick(found.task, found.line)
  }

  const listOfOpen = (): PickList | undefined => (task.value === undefined ? undefined : listOf(task.value, moment.value))

  function codeScanned(text: string): void {
    const back = pickups.toShelf.value.find(({ bag_code: bag }) => bag === text)
    if (back !== undefined) return void shelve(back)
    const found = taskOfCode(pickups.open.value, text)
    if (found === undefined) return wrong(t('pickups.not_here'))
    open(found)
    if (found.pick_up_code !== text) return
    if (listOf(found, moment.value) === 'pick') return wrong(t('pickups.not_ready', { code: found.code }))
    shown.value = text
    play('scan')
  }

  return {
    ...pickups, task, tab, trouble, shown, codeFits,
    away: computed(() => quality.value === 'offline'),
    open, pick, short, give, ship, shelve, label, scanned, knows, nameOf, faceOf,
    pictureOf: ({ picture }: TaskLine): string | undefined => (picture === null ? undefined : `/media/${picture}`),
  }
}

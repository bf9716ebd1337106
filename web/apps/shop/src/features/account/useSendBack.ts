// Goods that go back by courier: what of a purchase can, what is given for it, asking for it, and how what was asked stands.

import { answer, type Schemas } from '@placket/api'
import { newId } from '@placket/selling'
import { computed, onMounted, reactive, ref, watch, type Ref } from 'vue'
import { api, sentenceOf } from '../../api.ts'
import { recall } from '../../shell/memory.ts'

export type SendBack = Schemas['SendBack']
type Line = Schemas['CanComeBack']
type Quote = Schemas['SendBackQuoted']
type Form = Quote['forms'][number]['kind']
export type Reason = Schemas['LineBack']['reason']
type Say = (key: string, named?: Record<string, unknown>) => string

export const REASONS: readonly Reason[] = ['size', 'colour', 'unsuitable', 'faulty', 'other']

interface Chosen { qty: number; reason: Reason }

export const EMPTY = { name: '', phone: '', province: '', ward: '', street: '', bank: '', account_no: '', account_name: '' }
export type FieldName = keyof typeof EMPTY
const SENDER: readonly FieldName[] = ['name', 'phone', 'province', 'ward', 'street']
const ACCOUNT: readonly FieldName[] = ['bank', 'account_no', 'account_name']

/** What a member has sent back, asked for again when somebody signs in or something is asked for. What is known stays shown. */
export function useSentBack(member: Ref<unknown>, t: Say) {
  const sentBack = ref<SendBack[]>([])
  const lookTrouble = ref('')
  const looked = ref(false)
  const look = async (): Promise<void> => {
    try {
      sentBack.value = await answer(api.GET('/api/shop/v1/account/returns'))
      lookTrouble.value = ''
    } catch (error) {
      lookTrouble.value = sentenceOf(error, t)
    } finally {
      looked.value = true
    }
  }
  watch(() => member.value !== undefined, (isIn) => (isIn ? void look() : ((sentBack.value = []), (looked.value = false))), { immediate: true })
  return { sentBack, lookTrouble, looked, look }
}

export function useSendBack(saleId: string, t: Say, done: () => void) {
  const lines = ref<Line[]>()
  const byCourier = ref(false)
  const chosen = reactive(new Map<number, Chosen>())
  const quote = ref<Quote>()
  const form = ref<Form>()
  const fields = reactive({ ...EMPTY, ...recall<Partial<typeof EMPTY>>('recipient') })
  const provinces = ref<readonly Schemas['ProvinceShown'][]>([])
  const tried = ref(false)
  const busy = ref(false)
  const trouble = ref('')
  const id = newId() // one for this sheet: pressing twice asks once

  const wanted = computed(() => [...chosen].map(([line_no, { qty, reason }]) => ({ line_no, qty, reason })))
  const missing = computed(() => [...SENDER, ...(form.value === 'transfer' ? ACCOUNT : [])].filter((name) => fields[name].trim().length < (name === 'province' ? 1 : 2)))

  async function run(work: () => Promise<void>): Promise<void> {
    busy.value = true
    trouble.value = ''
    try {
      await work()
    } catch (error) {
      trouble.value = sentenceOf(error, t)
    } finally {
      busy.value = false
    }
  }

  const choose = (line: Line, isChosen: boolean): void => {
    if (isChosen) chosen.set(line.line_no, { qty: 1, reason: 'size' })
    else chosen.delete(line.line_no)
  }

  let turn = 0
  watch(wanted, async (now) => {
    const mine = ++turn
    if (now.length === 0) {
      quote.value = undefined
      return
    }
    await run(async () => {
      const found = await answer(api.POST('/api/shop/v1/account/returns/quote', { body: { sale_id: saleId, lines: now } }))
      if (mine !== turn) return // something else was chosen meanwhile
      quote.value = found
      const allowed = found.forms.filter((each) => each.allowed)
      if (!allowed.some((each) => each.kind === form.value)) form.value = allowed[0]?.kind
    })
  })

  const send = (): Promise<void> =>
    run(async () => {
      tried.value = true
      if (missing.value.length > 0 || form.value === undefined) return
      const pay_to = form.value === 'transfer' ? { bank: fields.bank.trim(), account_no: fields.account_no.replaceAll(/\s/g, ''), account_name: fields.account_name.trim() } : null
      const address = { province_code: fields.province, ward: fields.ward.trim(), street: fields.street.trim(), old_address: null }
      await answer(api.POST('/api/shop/v1/account/returns', {
        body: { id, sale_id: saleId, lines: wanted.value, form: form.value, pay_to, sender: { name: fields.name.trim(), phone: fields.phone.trim(), address } },
      }))
      done()
    })

  onMounted(() => run(async () => {
    const found = await answer(api.GET('/api/shop/v1/account/returns/of/{sale_id}', { params: { path: { sale_id: saleId } } }))
    lines.value = found.lines
    byCourier.value = found.by_courier
    provinces.value = (await answer(api.GET('/api/shop/v1/provinces'))).items
  }))

  return { lines, byCourier, chosen, choose, quote, form, fields, provinces, tried, missing, busy, trouble, send }
}

export const keepAfterAll = (back: SendBack): Promise<SendBack> =>
  answer(api.POST('/api/shop/v1/account/returns/{return_id}/cancel', { params: { path: { return_id: back.id } } }))

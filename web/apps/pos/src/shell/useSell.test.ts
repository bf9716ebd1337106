// A code that the server is asked about is for the invoice it was scanned for. The network and the catalogue's worker are not real.

import 'fake-indexeddb/auto'
import { emptyCart, openCatalogue, ownCode, packCatalogue } from '@placket/selling'
import { beforeAll, expect, test, vi } from 'vitest'
import { createApp } from 'vue'

vi.stubGlobal('Worker', class { addEventListener(): void { /* it never answers */ } postMessage(): void { /* nor is it asked */ } })
const waiting: (() => void)[] = []
const row = ['c', 'Mai', '45 67', 41, 'mai', '', null, 0, 0, 0]
const answers = (url: string): unknown => (url.endsWith('/find') ? { row } : { promotion_id: 'p', name_vi: 'Giảm', name_en: 'Off' })
vi.stubGlobal('fetch', ({ url }: Request) => new Promise((answer) => waiting.push(() => answer(Response.json(answers(url))))))
const { i18n } = await import('../i18n')
const { useSell } = await import('./useSell')
const { useGoods } = await import('../terminal/goods')
const { closeInvoice, goTo, showTabs, useInvoices } = await import('../terminal/invoices')
const { tabs } = useInvoices()

let sell: ReturnType<typeof useSell>
beforeAll(() => {
  const catalogue = { edition: '1', catalogue_version: 1, price_version: 1, server_time: '2026-11-26T09:00:00Z', colours: [], categories: [], styles: [], variants: [] }
  useGoods().catalogue.value = openCatalogue(packCatalogue(catalogue))
  createApp({ setup: () => { sell = useSell(); return () => null } }).use(i18n).mount(document.createElement('div'))
})

/** Whose a code is that was scanned on the first of two invoices, when something is done before the server has answered. */
async function whose(code: string, meanwhile: () => void): Promise<(string | undefined)[]> {
  showTabs({ carts: [emptyCart('one', 1), emptyCart('two', 2)], activeId: 'one' })
  waiting.length = 0
  const scanned = sell.scanned(code, '')
  await vi.waitFor(() => expect(waiting).toHaveLength(1))
  meanwhile()
  waiting[0]!()
  await scanned
  return tabs.value.carts.map(({ customer, vouchers }) => customer?.id ?? vouchers?.[0]?.code)
}
const VOUCHER = '030000000000070'
const MEMBER = ownCode('member', 41)

test('a voucher and a member are for the invoice that they were scanned for, not for the next customer\'s', async () => {
  expect(await whose(VOUCHER, () => goTo('two'))).toEqual([VOUCHER, undefined])
  expect(await whose(MEMBER, () => goTo('two'))).toEqual(['c', undefined])
})

test('they are for nobody when that invoice was closed meanwhile', async () => {
  expect(await whose(VOUCHER, () => closeInvoice('one'))).toEqual([undefined])
  expect(await whose(MEMBER, () => closeInvoice('one'))).toEqual([undefined])
})

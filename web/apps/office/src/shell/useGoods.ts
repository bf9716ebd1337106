// Goods by what somebody scans, types or pastes: the server's own search, whose first answer to a code is that code's goods.

import { answer, type Schemas } from '@placket/api'
import { language } from '../i18n/index.ts'
import { api } from '../api.ts'

export type Goods = Schemas['VariantFound']

const HITS = 8

export const findGoods = async (q: string, signal?: AbortSignal): Promise<Goods[]> =>
  (await answer(api.GET('/api/catalogue/search', { params: { query: { q, limit: HITS } }, ...(signal ? { signal } : {}) }))).items

/** The goods a whole code stands on; nothing for half a code or a name. */
export async function goodsOf(code: string): Promise<Goods | undefined> {
  const asked = code.trim()
  const [first] = await findGoods(asked)
  if (first === undefined) return undefined
  const isCode = first.sku.toUpperCase() === asked.toUpperCase() || first.barcode === asked || (/^\d{8,14}$/.test(asked) && first.barcode !== null)
  return isCode ? first : undefined
}

/** The rows of a spreadsheet, one code and one quantity each; a row without a quantity means one piece. */
export function pastedRows(text: string): { code: string; qty: number }[] {
  return text.split(/\r?\n/).flatMap((row) => {
    const [code = '', qty = '1'] = row.split(/[\t;,]/).map((cell) => cell.trim())
    const pieces = Number(qty.replace(/[.\s]/g, ''))
    return code === '' || !Number.isInteger(pieces) || pieces < 1 || pieces > 9_999 ? [] : [{ code, qty: pieces }]
  })
}

type Named = { name_vi: string; name_en: string; colour_vi: string; colour_en: string; size: string }

export const nameOfGoods = (goods: { name_vi: string; name_en: string }): string => (language() === 'vi' ? goods.name_vi : goods.name_en)
export const faceOfGoods = (goods: Named): string => `${language() === 'vi' ? goods.colour_vi : goods.colour_en} · ${goods.size}`

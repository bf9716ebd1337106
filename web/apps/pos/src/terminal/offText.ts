// How a discount is said in two words: `−5%`, `−50.000`, `Giá riêng`.

import { grouped, type Adjust } from '@placket/selling'
import { useI18n } from 'vue-i18n'

const PERCENT_BP = 100

/** `500` → `5%`. */
export function percentText(rateBp: number): string {
  return `${(rateBp / PERCENT_BP).toLocaleString('vi-VN', { maximumFractionDigits: 2 })}%`
}

export function useOffText(): (adjust: Pick<Adjust, 'kind' | 'value'>) => string {
  const { t } = useI18n()
  return ({ kind, value }) => t(`terms.off.${kind}`, { value: kind === 'percent' ? percentText(value) : grouped(value) })
}

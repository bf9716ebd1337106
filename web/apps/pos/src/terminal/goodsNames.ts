// What goods are called here: name, colour and size, in the language of whoever looks.

import type { Variant } from '@placket/selling'
import { useI18n } from 'vue-i18n'
import { useGoods } from './goods'

export function useGoodsNames() {
  const { locale } = useI18n()
  const { catalogue } = useGoods()
  const variantOf = (id: string): Variant | undefined => catalogue.value?.byId.get(id)
  return {
    skuOf: (id: string): string => variantOf(id)?.sku ?? '',
    nameOf: (id: string): string => {
      const style = variantOf(id)?.style
      return (locale.value === 'en' ? style?.name_en : style?.name_vi) ?? ''
    },
    faceOf: (id: string): string => {
      const variant = variantOf(id)
      return [locale.value === 'en' ? variant?.colour.name_en : variant?.colour.name_vi, variant?.size].filter(Boolean).join(' · ')
    },
  }
}

// Shelf tags of a style's variants: how many of each, drawn here, printed by the branch's bridge or by this browser.

import { answer, base64, type Schemas } from '@placket/api'
import { drawTag, PAGES, printPages } from '@placket/paper'
import { checks } from '@placket/selling'
import { toast } from '@placket/ui'
import { useMutation } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { newId } from '../../shell/newId.ts'
import { useMe, usePlaces } from '../../shell/useSession.ts'

export const PIECES_MAX = 50
type Variant = Schemas['VariantShown']

/** The code that goes on the tag: a whole EAN-13 of the variant. */
export const tagCode = (variant: Pick<Variant, 'barcodes'>): string | undefined =>
  variant.barcodes.find((code) => /^\d{13}$/.test(code) && checks(code))

export function useTags(style: () => { name_vi: string; all_variants: readonly Variant[] }) {
  const { t } = useI18n()
  const { may } = useMe()
  const { branches, nameOf } = usePlaces()
  const placeId = ref('')
  const counts = ref<Record<string, number>>({})
  /** Pressed again after no answer, a job is still the same one. */
  const ids = new Map<string, string>()

  const placeOptions = computed(() => branches.value.filter(({ id }) => may('stock.adjust', id)).map(({ id, name }) => ({ value: id, label: name })))
  const printable = computed(() => style().all_variants.filter((variant) => tagCode(variant) !== undefined && variant.price_vnd !== null))
  const chosen = computed(() => printable.value.filter(({ id }) => (counts.value[id] ?? 0) > 0))
  const pieces = computed(() => chosen.value.reduce((sum, { id }) => sum + (counts.value[id] ?? 0), 0))

  const draw = (variant: Variant) => drawTag({
    name: style().name_vi, variant: `${variant.colour_vi} · ${variant.size}`, sku: variant.sku, priceVnd: variant.price_vnd ?? 0,
    barcode: tagCode(variant) ?? '',
  })
  const setCount = (id: string, typed: number): void => {
    counts.value[id] = Math.min(PIECES_MAX, Math.max(0, Math.trunc(typed) || 0))
    ids.delete(id)
  }

  const send = useMutation({
    mutationFn: async () => {
      for (const variant of chosen.value) {
        const { width, height, bits } = await draw(variant)
        const id = ids.get(variant.id) ?? newId()
        ids.set(variant.id, id)
        await answer(api.POST('/api/print-jobs', {
          body: {
            id, location_id: placeId.value, kind: 'tag', title: variant.sku, copies: counts.value[variant.id] ?? 1,
            raster: { width, height, bits: base64(bits) },
          },
        }))
      }
    },
    onSuccess: () => {
      toast(t('products.tags_sent', { count: pieces.value, place: nameOf(placeId.value) }))
      ids.clear()
      counts.value = {}
    },
  })

  async function printHere(): Promise<void> {
    const pages = await Promise.all(chosen.value.map(async (variant) => ({ raster: await draw(variant), count: counts.value[variant.id] ?? 1 })))
    await printPages(pages.flatMap(({ raster, count }) => Array.from({ length: count }, () => raster)), PAGES.tag)
  }

  return { placeId, placeOptions, counts, setCount, printable, pieces, send, printHere }
}

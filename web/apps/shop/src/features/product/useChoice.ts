// What a shopper chooses of a style: a colour and a size, kept true by what the server says of each of its variants.

import { computed, onScopeDispose, ref } from 'vue'
import type { Style, Variant } from '../../api.ts'
import { named } from '../../i18n.ts'
import type { CartLine } from '../../shell/cart.ts'
import { watchLive } from '../../shell/live.ts'
import { recall, remember } from '../../shell/memory.ts'

const SIZES = 'sizes'
type Usual = Record<string, string>

export function useChoice(style: Style, firstColour: string) {
  const variants = ref<Variant[]>(style.variants)
  const colour = ref(firstColour)
  const usual = recall<Usual>(SIZES)?.[style.category]
  const size = ref<string>()

  const swatch = computed(() => style.swatches.find((each) => each.code === colour.value))
  const ofColour = computed(() => style.all_sizes.map((name) => variants.value.find((each) => each.colour === colour.value && each.size === name)).filter((each) => each !== undefined))
  const variant = computed(() => ofColour.value.find((each) => each.size === size.value))
  const shown = computed(() => variant.value ?? ofColour.value[0])

  // The only size there is needs no choosing; the usual one is offered chosen if it is left.
  function settle(): void {
    const only = ofColour.value.length === 1 ? ofColour.value[0]?.size : undefined
    const wanted = size.value ?? only ?? usual
    const found = ofColour.value.find((each) => each.size === wanted)
    size.value = found !== undefined && (size.value !== undefined || found.stock !== 'out') ? found.size : size.value
  }
  settle()

  function chooseColour(code: string): void {
    colour.value = code
    settle()
  }

  function chooseSize(name: string): void {
    size.value = name
    remember(SIZES, { ...recall<Usual>(SIZES), [style.category]: name })
  }

  const stop = watchLive(
    () => style.variants.map((each) => each.id),
    (items) => {
      variants.value = variants.value.map((each) => {
        const now = items.find((item) => item.id === each.id)
        if (now === undefined || now.price_vnd === null) return each
        const off_bp = now.was_vnd === null ? 0 : Math.round(((now.was_vnd - now.price_vnd) * 100) / now.was_vnd) * 100
        return { ...each, price_vnd: now.price_vnd, was_vnd: now.was_vnd, off_bp, stock: now.stock, left: now.left }
      })
    },
  )
  onScopeDispose(stop)

  const line = (chosen: Variant): CartLine => {
    const tint = style.swatches.find((each) => each.code === chosen.colour)
    return {
      variant_id: chosen.id,
      qty: 1,
      code: style.code,
      path_vi: style.path_vi,
      path_en: style.path_en,
      name_vi: style.name_vi,
      name_en: style.name_en,
      colour: chosen.colour,
      colour_vi: tint?.name_vi ?? '',
      colour_en: tint?.name_en ?? '',
      size: chosen.size,
      picture: tint?.picture ?? null,
      seen_vnd: chosen.price_vnd,
    }
  }

  return { variants, colour, size, usual, swatch, ofColour, variant, shown, chooseColour, chooseSize, line, name: named(style) }
}

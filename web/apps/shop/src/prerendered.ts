// Renders what pages carry of the app, while it is built. Nothing of a shopper is known here: the first look of the checkout is
// the same for everybody who has something in the cart.

import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'
import CheckoutForm from './features/checkout/CheckoutForm.vue'
import { i18n, type Language } from './i18n.ts'

export async function checkout(language: Language): Promise<string> {
  i18n.global.locale.value = language
  return renderToString(createSSRApp(CheckoutForm).use(i18n))
}

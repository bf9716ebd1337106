// The offline till in pure TypeScript: cart, prices, stock view, outbox. Tested with no browser.
export type { Schemas } from '@placket/api'

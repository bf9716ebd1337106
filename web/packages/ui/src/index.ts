// The design system "Lụa": controls, states and formats. It knows no word of the shop.
export * from './format.ts'

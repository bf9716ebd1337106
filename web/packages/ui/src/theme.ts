// Light, dark, or as the system says; remembered on this device.

import { readonly, ref } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'placket.theme'
const theme = ref<Theme>('system')

function apply(chosen: Theme): void {
  theme.value = chosen
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

/** Choose, and remember the choice. */
export function setTheme(chosen: Theme): void {
  localStorage.setItem(KEY, chosen)
  apply(chosen)
}

/** Apply what was chosen on this device before anything is painted. */
export function restoreTheme(): void {
  const kept = localStorage.getItem(KEY)
  apply(kept === 'light' || kept === 'dark' ? kept : 'system')
}

export const useTheme = () => ({ theme: readonly(theme), setTheme })

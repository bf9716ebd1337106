// The word for a code of the server; a code that this version does not know yet shows as it is.

import { useI18n } from 'vue-i18n'

export function useWord() {
  const { t, te } = useI18n()
  return (family: string, code: string): string => {
    const key = `${family}.${code.replaceAll('.', '_')}`
    return te(key) ? t(key) : code
  }
}

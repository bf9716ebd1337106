// News of what is done or can be undone: at most two at a time, six seconds each. Nothing that must be fixed belongs here.

import { readonly, ref } from 'vue'

export interface Toast {
  id: number
  text: string
  tone: 'done' | 'news' | 'warn'
  undo?: () => void
}

const SHOWN_MAX = 2
const toasts = ref<Toast[]>([])
let last = 0

/** Say that something is done; with `undo` it can be taken back while the toast stands. */
export function toast(text: string, options: Partial<Pick<Toast, 'tone' | 'undo'>> = {}): void {
  last += 1
  toasts.value = [...toasts.value, { id: last, text, tone: 'done' as const, ...options }].slice(-SHOWN_MAX)
}

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

export const useToasts = () => ({ toasts: readonly(toasts), toast, dismissToast })

// News of an order as notifications of this browser: asked for by a press, never by itself.

import { Refusal } from '@placket/api'
import { ref } from 'vue'
import { pushKey, stopPush, tellPush } from '../../shell/orders.ts'
import { recall, remember } from '../../shell/memory.ts'

const TOLD = 'told'
type State = 'off' | 'busy' | 'on' | 'denied' | 'failed'

const told = (): string[] => recall<string[]>(TOLD) ?? []
const written = (bytes: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/u, '')
const raw = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0))

/** Whether this browser can tell of orders at all, and the shop does. What cannot be asked is not offered. */
export async function isOffered(): Promise<boolean> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return false
  return (await navigator.serviceWorker.getRegistration()) !== undefined && (await pushKey()) !== null
}

/** Whether this browser tells of an order, where it can. */
export function useNews(id: string, key: string) {
  const state = ref<State>(Notification.permission === 'denied' ? 'denied' : told().includes(id) ? 'on' : 'off')

  async function subscribed(): Promise<PushSubscription> {
    const { pushManager } = await navigator.serviceWorker.ready
    const ours = await pushKey()
    return (await pushManager.getSubscription()) ?? pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: raw(ours ?? '') })
  }

  /** The browser asks its owner. A no, a private window or a service that is away is said; the button stays. */
  async function turnOn(): Promise<void> {
    state.value = 'busy'
    try {
      const device = await subscribed()
      await tellPush(id, key, { endpoint: device.endpoint, p256dh: written(device.getKey('p256dh')), auth: written(device.getKey('auth')) })
      remember(TOLD, [...told(), id])
      state.value = 'on'
    } catch (error) {
      if (!(error instanceof DOMException) && !(error instanceof Refusal)) throw error
      state.value = Notification.permission === 'denied' ? 'denied' : 'failed'
    }
  }

  async function turnOff(): Promise<void> {
    const device = await (await navigator.serviceWorker.ready).pushManager.getSubscription()
    if (device !== null) await stopPush(id, key, device.endpoint)
    remember(TOLD, told().filter((each) => each !== id))
    state.value = 'off'
  }

  return { state, turnOn, turnOff }
}

// News of an order as notifications of this browser: asked for by a press, never by itself.

import { Refusal } from '@placket/api'
import { onMounted, ref } from 'vue'
import { pushKey, stopPush, tellPush } from '../../shell/orders.ts'
import { recall, remember } from '../../shell/memory.ts'

const TOLD = 'told'
/** Whether the shop had notifications when it was asked last. */
const OFFERED = 'push'
type State = 'none' | 'off' | 'busy' | 'on' | 'denied' | 'failed'

const told = (): string[] => recall<string[]>(TOLD) ?? []
const written = (bytes: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/u, '')
const raw = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0))

/** Whether this browser tells of an order; `none` where it cannot, or the shop has no push. Until the shop has answered
 * it is what it was last time, so that nothing on the page moves. */
export function useNews(id: string, key: string) {
  const can = 'serviceWorker' in navigator && 'PushManager' in window
  const known = (): State => (Notification.permission === 'denied' ? 'denied' : told().includes(id) ? 'on' : 'off')
  const before = (): State => (known() === 'off' ? 'busy' : known())
  const state = ref<State>(can && recall<boolean>(OFFERED) !== false ? before() : 'none')

  onMounted(async () => {
    if (!can) return
    const offered = (await navigator.serviceWorker.getRegistration()) !== undefined && (await pushKey()) !== null
    remember(OFFERED, offered)
    state.value = offered ? known() : 'none'
  })

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

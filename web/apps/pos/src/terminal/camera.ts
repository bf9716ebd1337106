// Scanning with a camera: the device's pictures go to a worker that reads codes; every new sighting is a scan.

import { Sightings } from '@placket/selling'
import { onScopeDispose, ref, shallowRef } from 'vue'

/** Why there is no picture. */
export type CameraFault = 'insecure' | 'denied' | 'missing' | 'busy'

const FRAME_MS = 100
const WIDTH = 1_280
const KEY = 'placket.camera'

/** The camera while the caller is on the screen. `onCode` hears every scan. */
export function useCamera(video: Readonly<{ value: HTMLVideoElement | null | undefined }>, onCode: (code: string) => void) {
  const fault = ref<CameraFault>()
  const running = ref(false)
  const devices = shallowRef<MediaDeviceInfo[]>([])
  const deviceId = ref(localStorage.getItem(KEY) ?? '')
  /** Whether the light is on; none if this camera has no light. */
  const torch = ref<boolean>()
  const sightings = new Sightings()
  let stream: MediaStream | undefined
  let worker: Worker | undefined
  let next: ReturnType<typeof setTimeout> | undefined

  async function start(id = deviceId.value): Promise<void> {
    stop()
    fault.value = undefined
    if (!globalThis.isSecureContext || !('mediaDevices' in navigator)) {
      fault.value = 'insecure'
      return
    }
    try {
      const wanted = id === '' ? { facingMode: 'environment' } : { deviceId: { exact: id } }
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...wanted, width: { ideal: WIDTH } } })
    } catch (error) {
      const name = error instanceof DOMException ? error.name : ''
      // A camera that was chosen once may be gone: then any other will do.
      if (id !== '' && ['OverconstrainedError', 'NotFoundError'].includes(name)) return start('')
      fault.value = name === 'NotAllowedError' ? 'denied' : name === 'NotFoundError' ? 'missing' : 'busy'
      return
    }
    await show(stream)
  }

  async function show(media: MediaStream): Promise<void> {
    const [track] = media.getVideoTracks()
    const settings = track?.getSettings()
    deviceId.value = settings?.deviceId ?? ''
    localStorage.setItem(KEY, deviceId.value)
    torch.value = track !== undefined && 'torch' in track.getCapabilities() ? false : undefined
    devices.value = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput')
    const screen = video.value
    if (stream !== media || !(screen instanceof HTMLVideoElement)) return stop()
    screen.srcObject = media
    await screen.play()
    worker = new Worker(new URL('./camera.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', (event: MessageEvent<string>) => {
      if (event.data !== '' && sightings.see(event.data, performance.now())) onCode(event.data)
      next = setTimeout(() => void look(), FRAME_MS)
    })
    running.value = true
    void look()
  }

  /** One picture after another: the next is taken when the last has been read. */
  async function look(): Promise<void> {
    const screen = video.value
    if (worker === undefined || !(screen instanceof HTMLVideoElement)) return
    if (screen.videoWidth === 0) {
      next = setTimeout(() => void look(), FRAME_MS)
      return
    }
    const picture = await createImageBitmap(screen)
    worker?.postMessage(picture, [picture])
  }

  function stop(): void {
    clearTimeout(next)
    worker?.terminate()
    worker = undefined
    for (const track of stream?.getTracks() ?? []) track.stop()
    stream = undefined
    running.value = false
  }

  async function toggleTorch(): Promise<void> {
    const lit = !(torch.value ?? false)
    // The light is newer than the browser's own description of what a camera can do.
    await stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: lit } as MediaTrackConstraintSet] })
    torch.value = lit
  }

  onScopeDispose(stop)
  return { fault, running, devices, deviceId, torch, start, toggleTorch }
}

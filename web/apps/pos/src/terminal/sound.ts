// Short tones for what the eye may miss; each has a visual twin. Unlocked at the PIN, switched per till.

import { ref } from 'vue'
import { keep, kept } from './db'

type Tone = readonly [hertz: number, atMs: number, lengthMs: number]

const TONES = {
  scan: [[1_800, 0, 60]],
  missing: [[300, 0, 120], [300, 180, 120]],
  attention: [[700, 0, 150]],
  chime: [[784, 0, 160], [1_047, 180, 220]],
  paid: [[880, 0, 90], [1_109, 90, 90]],
} as const satisfies Record<string, readonly Tone[]>

const LOUDNESS = 0.15
const on = ref(true)
let audio: AudioContext | undefined

/** A browser plays only after a touch or a key: call this from one. */
export async function unlockSound(): Promise<void> {
  on.value = (await kept('sound')) ?? true
  audio ??= new AudioContext()
  await audio.resume()
}

export function toggleSound(): void {
  on.value = !on.value
  void keep('sound', on.value)
}

export function play(name: keyof typeof TONES): void {
  if (!on.value || audio === undefined || audio.state !== 'running') return
  for (const [hertz, atMs, lengthMs] of TONES[name]) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    const begin = audio.currentTime + atMs / 1_000
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(LOUDNESS, begin)
    volume.gain.linearRampToValueAtTime(0, begin + lengthMs / 1_000)
    tone.connect(volume).connect(audio.destination)
    tone.start(begin)
    tone.stop(begin + lengthMs / 1_000)
  }
}

export const useSound = () => ({ on, toggleSound })

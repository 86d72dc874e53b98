/* Tones, distinct by class, made here, no files. What a tone says stands on the page too. An officer's
   emergency sounds though the sound is off. */
import { ref } from 'vue'

export type Sound = 'ring' | 'emergency' | 'safety' | 'unseen' | 'urgent' | 'waiting' | 'new'

const KEY = 'anwang.sound'
export const is_sound_on = ref(localStorage.getItem(KEY) !== 'off')
/* A browser lets a page sound only after the first touch; before that it stays silent. */
export const is_touched = ref(!!navigator.userActivation?.hasBeenActive)
for (const event of ['pointerdown', 'keydown']) window.addEventListener(event, () => { is_touched.value = true }, { once: true, capture: true })
let audio: AudioContext | undefined

export function sound_toggle(): void {
  is_sound_on.value = !is_sound_on.value
  localStorage.setItem(KEY, is_sound_on.value ? 'on' : 'off')
}

/* Hertz, start and length in seconds; the loud ones twice as loud. */
const TONES: Record<Sound, [number, number, number][]> = {
  ring: [[880, 0, 0.18], [1100, 0.2, 0.18], [880, 0.4, 0.18]],
  emergency: [[740, 0, 0.32], [1480, 0.32, 0.32], [740, 0.64, 0.32], [1480, 0.96, 0.32], [740, 1.28, 0.32], [1480, 1.6, 0.32]],
  safety: [[520, 0, 0.2], [660, 0.22, 0.2], [880, 0.44, 0.4]],
  unseen: [[440, 0, 0.16], [440, 0.22, 0.16], [440, 0.44, 0.16]],
  urgent: [[620, 0, 0.3], [620, 0.36, 0.3]],
  waiting: [[330, 0, 0.4]],
  new: [[990, 0, 0.12]],
}
const LOUD: readonly Sound[] = ['emergency', 'safety']

function tone(hertz: number, start_s: number, length_s: number, volume: number): void {
  const oscillator = audio!.createOscillator()
  const gain = audio!.createGain()
  const at = audio!.currentTime + start_s
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0.0001, at)
  gain.gain.exponentialRampToValueAtTime(volume, at + 0.02)
  gain.gain.exponentialRampToValueAtTime(0.0001, at + length_s)
  oscillator.connect(gain).connect(audio!.destination)
  oscillator.start(at)
  oscillator.stop(at + length_s)
}

/* True: it was heard. */
export function sound(kind: Sound): boolean {
  if ((!is_sound_on.value && kind !== 'emergency') || !navigator.userActivation?.hasBeenActive) return false
  audio ??= new AudioContext()
  for (const [hertz, start_s, length_s] of TONES[kind]) tone(hertz, start_s, length_s, LOUD.includes(kind) ? 0.28 : 0.14)
  return true
}

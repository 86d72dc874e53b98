/* Short tones, distinct by class: ringing telephone, new urgent incident. Made here, no files. */
import { ref } from 'vue'

const KEY = 'anwang.sound'
export const is_sound_on = ref(localStorage.getItem(KEY) !== 'off')
let audio: AudioContext | undefined

export function sound_toggle(): void {
  is_sound_on.value = !is_sound_on.value
  localStorage.setItem(KEY, is_sound_on.value ? 'on' : 'off')
}

function tone(hertz: number, start_s: number, length_s: number): void {
  const oscillator = audio!.createOscillator()
  const gain = audio!.createGain()
  const at = audio!.currentTime + start_s
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0.0001, at)
  gain.gain.exponentialRampToValueAtTime(0.14, at + 0.02)
  gain.gain.exponentialRampToValueAtTime(0.0001, at + length_s)
  oscillator.connect(gain).connect(audio!.destination)
  oscillator.start(at)
  oscillator.stop(at + length_s)
}

/* A browser lets a page sound only after the first touch; before that it stays silent. */
export function sound(kind: 'ring' | 'urgent'): void {
  if (!is_sound_on.value || !navigator.userActivation?.hasBeenActive) return
  audio ??= new AudioContext()
  if (kind === 'ring') { tone(880, 0, 0.18); tone(1100, 0.2, 0.18); tone(880, 0.4, 0.18) }
  else { tone(620, 0, 0.3); tone(620, 0.36, 0.3) }
}

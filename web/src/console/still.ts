/* Lists that stand still under a hand. While the pointer moves over a list (an element marked
   `data-still`) its rows keep their places, and for a moment after, so that what is pointed at is
   what is hit; a click lets go at once. Nobody waits longer than LONGEST_MS for what is new. */
import { computed, onBeforeUpdate, onUpdated, ref, type ComputedRef } from 'vue'
import type { Kind } from '../base/types'
import { row, type RowsOf } from '../store/rows'

const REST_MS = 400
const LONGEST_MS = 1500

const is_hand_there = ref(false)
let since = 0
let rest = 0

function let_go(): void {
  clearTimeout(rest)
  is_hand_there.value = false
}
function on_move(e: Event): void {
  if (!(e.target instanceof Element) || !e.target.closest('[data-still]')) { let_go(); return }
  const now = performance.now()
  if (is_hand_there.value && now - since > LONGEST_MS) { let_go(); return }
  if (!is_hand_there.value) since = now
  is_hand_there.value = true
  clearTimeout(rest)
  rest = window.setTimeout(let_go, REST_MS)
}
document.addEventListener('pointermove', on_move, { passive: true })
document.addEventListener('click', let_go, { capture: true })

/* What `live` answers, as it stood when `is_busy` began; `renew` brings up to date what it says. */
export function held<T>(is_busy: () => boolean, live: () => T, renew: (kept: T) => T = (kept) => kept): ComputedRef<T> {
  let kept = live()
  return computed(() => {
    const fresh = live()
    if (is_busy()) return renew(kept)
    kept = fresh
    return fresh
  })
}
/* The same, under a hand. */
export function still<T>(live: () => T, renew?: (kept: T) => T): ComputedRef<T> { return held(() => is_hand_there.value, live, renew) }
/* The newest of each row. */
export function renewed<K extends Kind>(kind: K, kept: RowsOf[K][]): RowsOf[K][] { return kept.map((one) => row(kind, one.id) ?? one) }

/* The keyboard's place survives that the calling component draws a row elsewhere: what may have the
   focus is known by its `data-key`. */
export function focus_kept(): void {
  let key: string | null | undefined = null
  onBeforeUpdate(() => { key = document.activeElement?.getAttribute('data-key') })
  onUpdated(() => { if (key && document.activeElement === document.body) focus_give(key) })
}
export function focus_give(key: string): void {
  document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true })
}

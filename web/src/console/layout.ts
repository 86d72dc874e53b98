/* Where the panes of the desk stand: columns from left to right, in each panes from top to bottom.
   Everybody arranges them for himself; what he has not touched follows the width of the window. */
import { computed, ref, watch } from 'vue'
import { session } from '../base/session'

export const PANES = ['signals', 'queue', 'map', 'log', 'units', 'work'] as const
export type Pane = (typeof PANES)[number]
/* `size`: pixels that a splitter has given it; without, what it needs or what is left. */
export interface Slot { pane: Pane; size?: number }
/* `width` in pixels; the column of the map, else the first, takes what is left instead. */
export interface Column { width: number; slots: Slot[] }

const WIDE_PX = 1700
const SLIM_PX = 1280
const MIN_WIDTH_PX = 220
const MIN_HEIGHT_PX = 90
/* These fill what is left of a column, the others take what they need. */
const FILLING: Pane[] = ['queue', 'map', 'units', 'work']

/* Units without a place of their own are a tab beside the incident. */
function preset(window_px: number): Column[] {
  const is_wide = window_px >= WIDE_PX
  const [left, right] = is_wide ? [350, 480] : window_px <= SLIM_PX ? [280, 400] : [316, 446]
  const columns: Column[] = [
    { width: left, slots: [{ pane: 'signals' }, { pane: 'queue' }] },
    { width: MIN_WIDTH_PX, slots: [{ pane: 'map' }, { pane: 'log' }] },
    { width: right, slots: [{ pane: 'work' }] },
  ]
  return is_wide ? [...columns, { width: 300, slots: [{ pane: 'units' }] }] : columns
}

const key = (): string => `anwang.layout.${session.value?.user.id ?? ''}`

/* What is kept may be of another version of the page: each pane once, none unknown, the work among them. */
function read(text: string | null): Column[] | null {
  try {
    const found = JSON.parse(text ?? 'null') as Column[] | null
    if (!found) return null
    const panes = found.flatMap((column) => column.slots.map((slot) => slot.pane))
    const is_whole = panes.every((pane, i) => PANES.includes(pane) && panes.indexOf(pane) === i)
    return is_whole && panes.includes('work') && found.every((column) => column.slots.length && column.width > 0) ? found : null
  } catch { return null }
}

const window_px = ref(innerWidth)
addEventListener('resize', () => { window_px.value = innerWidth })
const own = ref<Column[] | null>(null)
watch(() => session.value?.user.id, () => { own.value = read(localStorage.getItem(key())) }, { immediate: true })

export const columns = computed<Column[]>(() => own.value ?? preset(window_px.value))
export const is_arranged = computed(() => own.value !== null)
export const is_arranging = ref(false)
export function is_placed(pane: Pane): boolean {
  return columns.value.some((column) => column.slots.some((slot) => slot.pane === pane))
}

function copy(): Column[] { return columns.value.map((column) => ({ ...column, slots: column.slots.map((slot) => ({ ...slot })) })) }
function set(next: Column[]): void {
  own.value = next.filter((column) => column.slots.length)
  localStorage.setItem(key(), JSON.stringify(own.value))
}
export function layout_reset(): void {
  own.value = null
  localStorage.removeItem(key())
}

/* ---- who takes what is left ---- */
export function filling_column(of: Column[]): number {
  return Math.max(0, of.findIndex((column) => column.slots.some((slot) => slot.pane === 'map')))
}
export function is_filling(slots: Slot[], at: number): boolean {
  const free = slots.map((slot) => FILLING.includes(slot.pane) && slot.size === undefined)
  return free.some(Boolean) ? free[at]! : at === slots.length - 1
}

/* ---- sizes ---- */
export function width_add(at: number, px: number): void {
  const next = copy()
  const column = next[at]
  if (!column) return
  column.width = Math.max(MIN_WIDTH_PX, Math.round(column.width + px))
  set(next)
}
/* The border after slot `at` moves; `heights_px` are those of the two at its sides now. */
export function height_move(column: number, at: number, by_px: number, heights_px: [number, number]): void {
  const next = copy()
  const slots = next[column]!.slots
  const is_upper = !is_filling(slots, at)
  const slot = slots[is_upper ? at : at + 1]!
  slot.size = Math.max(MIN_HEIGHT_PX, Math.round(heights_px[is_upper ? 0 : 1] + (is_upper ? by_px : -by_px)))
  set(next)
}

/* ---- places ---- */
function taken_out(of: Column[], pane: Pane): Slot | undefined {
  for (const column of of) {
    const at = column.slots.findIndex((slot) => slot.pane === pane)
    if (at >= 0) return column.slots.splice(at, 1)[0]
  }
  return undefined
}
export type Side = 'before' | 'after' | 'left' | 'right'
/* Beside another pane: above or beneath it, or in a new column at its left or right. */
export function pane_drop(pane: Pane, beside: Pane, side: Side): void {
  if (pane === beside) return
  const next = copy()
  taken_out(next, pane)
  const column = next.findIndex((one) => one.slots.some((slot) => slot.pane === beside))
  if (column < 0) return
  const slots = next[column]!.slots
  const at = slots.findIndex((slot) => slot.pane === beside)
  if (side === 'before' || side === 'after') slots.splice(side === 'before' ? at : at + 1, 0, { pane })
  else next.splice(side === 'left' ? column : column + 1, 0, { width: MIN_WIDTH_PX * 1.5, slots: [{ pane }] })
  set(next)
}
/* One step by the keyboard: within its column, else to the next one or to a new one at the edge. */
export function pane_step(pane: Pane, to: 'up' | 'down' | 'left' | 'right'): void {
  const next = copy()
  const column = next.findIndex((one) => one.slots.some((slot) => slot.pane === pane))
  if (column < 0) return
  const slots = next[column]!.slots
  const at = slots.findIndex((slot) => slot.pane === pane)
  if (to === 'up' || to === 'down') {
    const other = to === 'up' ? at - 1 : at + 1
    if (other < 0 || other >= slots.length) return
    slots.splice(other, 0, slots.splice(at, 1)[0]!)
    set(next)
    return
  }
  const target = next[to === 'left' ? column - 1 : column + 1]
  if (!target && slots.length === 1) return
  slots.splice(at, 1)
  if (target) target.slots.push({ pane })
  else next.splice(to === 'left' ? 0 : next.length, 0, { width: MIN_WIDTH_PX * 1.5, slots: [{ pane }] })
  set(next)
}
/* The work stays: there is no desk without its forms. */
export function pane_hide(pane: Pane): void {
  if (pane === 'work') return
  const next = copy()
  if (taken_out(next, pane)) set(next)
}
export function pane_show(pane: Pane): void {
  if (is_placed(pane)) return
  const next = copy()
  next.push({ width: MIN_WIDTH_PX * 1.5, slots: [{ pane }] })
  set(next)
}

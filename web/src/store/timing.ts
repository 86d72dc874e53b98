/* After how long the desk flags what nobody has taken care of, seconds; 0 = never. */
import { computed } from 'vue'
import { rows } from './rows'

/* What the server keeps to until somebody installs times (desk_timing_preset). */
export const PRESET = {
  waiting_p0_s: 30, waiting_p1_s: 60, waiting_p2_s: 300, waiting_p3_s: 1800, waiting_p4_s: 0,
  unseen_s: 30, call_back_s: 300, receipt_s: 600, check_s: 0, answer_s: 60, emergency_s: 15,
} as const
export type Span = keyof typeof PRESET
export type Timing = Record<Span, number>
export const SPANS = Object.keys(PRESET) as Span[]

export const installed = computed(() => [...rows('timing').values()][0])
export const timing = computed<Timing>(() =>
  Object.fromEntries(SPANS.map((span) => [span, installed.value?.[span] ?? PRESET[span]])) as Timing)

/* A row warns at half of the time, and is overdue at the whole. */
export function limits_of(seconds: number): [number, number] | undefined {
  return seconds ? [seconds / 2, seconds] : undefined
}
export function waiting_limits(priority: string): [number, number] | undefined {
  return limits_of(timing.value[`waiting_${priority.toLowerCase()}_s` as Span] ?? 0)
}

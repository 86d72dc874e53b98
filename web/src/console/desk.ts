/* What this desk is looking at, and the lists that all panes share. */
import { computed, ref, shallowRef } from 'vue'
import { age_s, ms, now, now_slow } from '../base/clock'
import type { Assignment, Call, Incident, Place, Signal, Unit } from '../base/types'
import { positions, row, rows } from '../store/rows'
import { limits_of, timing, waiting_limits } from '../store/timing'
import { own_pane, room_on, room_share, room_tell } from './room'

export type View = 'desk' | 'search' | 'duty' | 'posts'
export type Side = 'units' | 'incident' | 'intake'

export const view = ref<View>('desk')
export const side = ref<Side>('units')
export const chosen_incident = ref<string | null>(null)
export const chosen_unit = ref<string | null>(null)
room_share('side', side)
room_share('incident', chosen_incident)
room_share('unit', chosen_unit)

export function incident_open(id: string): void {
  chosen_incident.value = id
  side.value = 'incident'
}
export function incident_leave(): void {
  chosen_incident.value = null
  side.value = 'units'
}

/* ---- intake: the form for a call, a signal, or a walk-in ---- */
export interface IntakeStart { call?: string; signal?: string; place?: Place; number?: string; words?: string; address?: string; category?: string
  /* What was filled in before the page was loaded anew. */
  values?: Record<string, unknown> }
export const intake_start = shallowRef<IntakeStart>({})
/* Changes with every new start, so that the form begins anew. */
export const intake_number = ref(0)
export function intake_open(start: IntakeStart = {}): void {
  if (own_pane) { room_tell('intake', start); return }
  intake_start.value = start
  intake_number.value++
  side.value = 'intake'
  view.value = 'desk'
}
room_on('intake', intake_open)

/* ---- limits of waiting, seconds; at the first a row warns, at the second it is overdue ---- */
const STAGE_LIMITS: Record<string, [number, number]> = {
  seen: [90, 180], en_route: [600, 1200], staged: [1200, 2400], on_scene: [2700, 5400],
}
export const SIGNAL_LIMITS: [number, number] = [120, 300]
export const POSITION_LIMITS: [number, number] = [60, 300]

export type Pressure = '' | 'warn' | 'overdue'
export function pressure(seconds: number, limits: [number, number] | undefined): Pressure {
  if (!limits || Number.isNaN(seconds)) return ''
  return seconds >= limits[1] ? 'overdue' : seconds >= limits[0] ? 'warn' : ''
}

/* ---- incidents ---- */
export function incident_place(incident: Incident): Place | undefined {
  return incident.verified ?? incident.chosen ?? incident.suggested
}
export function number_of(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1)
}

/* Sources with a person who can be called back. */
const CALLED = ['phone', 'web', 'walk_in']

/* Stamps of one form sort as text; thousands of rows are sorted at every change. */
const in_order = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
const by_priority = (a: Incident, b: Incident): number =>
  in_order(a.priority, b.priority) || in_order(a.received_us, b.received_us)

export const incidents = computed(() => [...rows('incident').values()])
export const waiting = computed(() => incidents.value
  .filter((i) => ['received', 'pending', 'reopened'].includes(i.stage)).sort(by_priority))
export const worked = computed(() => incidents.value
  .filter((i) => ['open', 'controlled'].includes(i.stage)).sort(by_priority))
export const planned = computed(() => incidents.value
  .filter((i) => i.stage === 'scheduled').sort((a, b) => ms(a.scheduled_us) - ms(b.scheduled_us)))

/* Settled at this desk, yet not finished: a transfer without receipt, a caller not yet called back. */
export const unreceipted = computed(() => incidents.value
  .filter((i) => i.stage === 'transferred' && !i.receipt).sort((a, b) => ms(a.transferred_us) - ms(b.transferred_us)))
export const to_review = computed(() => incidents.value
  .filter((i) => i.stage === 'closed' && CALLED.includes(i.source) && !i.is_exercise).sort((a, b) => ms(a.closed_us) - ms(b.closed_us)))

export function waiting_s(incident: Incident): number {
  return age_s(incident.entered_us ?? incident.received_us, now.value)
}
/* The desk's own flag counts, also when this page's clock is behind. */
export function waiting_pressure(incident: Incident): Pressure {
  return incident.overdue_us ? 'overdue' : pressure(waiting_s(incident), waiting_limits(incident.priority))
}
export const overdue_count = computed(() => waiting.value
  .filter((i) => waiting_pressure(i) === 'overdue').length)

/* ---- signals and calls ---- */
export const signals = computed<Signal[]>(() => [...rows('signal').values()]
  .filter((s) => s.stage === 'new' || s.stage === 'verifying')
  .sort((a, b) => ms(a.raised_us) - ms(b.raised_us)))
export const calls = computed<Call[]>(() => [...rows('call').values()]
  .sort((a, b) => ms(a.ringing_us) - ms(b.ringing_us)))
export const ringing = computed(() => calls.value.filter((c) => c.stage === 'ringing'))
export const talking = computed(() => calls.value.filter((c) => c.stage === 'talking'))
export const call_backs = computed(() => calls.value.filter((c) => c.stage === 'call_back_due'))

/* ---- assignments and units ---- */
export const ACTIVE_STAGES = ['sent', 'seen', 'en_route', 'staged', 'on_scene']
export const assignments = computed<Assignment[]>(() => [...rows('assignment').values()])
export const assignments_by_incident = computed(() => {
  const map = new Map<string, Assignment[]>()
  for (const one of assignments.value) {
    if (!ACTIVE_STAGES.includes(one.stage) && one.stage !== 'reserved') continue
    map.set(one.incident, [...map.get(one.incident) ?? [], one])
  }
  return map
})

const STAMP_OF_STAGE: Record<string, keyof Assignment> = {
  reserved: 'reserved_us', sent: 'sent_us', seen: 'seen_us', en_route: 'en_route_us',
  staged: 'staged_us', on_scene: 'on_scene_us',
}
export function stage_since(a: Assignment): string | undefined {
  const stamp = STAMP_OF_STAGE[a.stage]
  return stamp ? a[stamp] as string | undefined : a.ended_us
}
export function assignment_pressure(a: Assignment): Pressure {
  const limits = a.stage === 'sent' ? limits_of(timing.value.unseen_s) : STAGE_LIMITS[a.stage]
  return a.overdue_us ? 'overdue' : pressure(age_s(stage_since(a), now.value), limits)
}

/* How a unit stands, in one word: a key of UNIT_MARKS. */
export function unit_status(unit: Unit): string {
  if (unit.readiness === 'committed') {
    const active = row('assignment', unit.active)
    if (active && ACTIVE_STAGES.includes(active.stage)) return active.stage
    return 'sent'
  }
  return unit.readiness
}
export const STATUS_ORDER = ['on_scene', 'staged', 'en_route', 'seen', 'sent', 'available', 'out_of_service', 'off_duty']

export function unit_since(unit: Unit): string | undefined {
  const active = unit.readiness === 'committed' ? row('assignment', unit.active) : undefined
  return active ? stage_since(active) : unit.readiness_us
}

const callsigns = new Intl.Collator('en', { numeric: true })
export const units = computed<Unit[]>(() => [...rows('unit').values()].sort((a, b) => callsigns.compare(a.callsign, b.callsign)))
export const available_count = computed(() => units.value.filter((u) => u.readiness === 'available').length)

export function unit_place(unit: Unit): { place: Place; at?: string } | undefined {
  const seen = positions.get(unit.id)
  if (seen) return { place: seen.place, at: seen.at }
  if (!unit.place) return undefined
  return unit.placed_us ? { place: unit.place, at: unit.placed_us } : { place: unit.place }
}
/* Seconds since the unit last said where it is; NaN when it never did. */
export function position_age_s(unit: Unit): number {
  return age_s(unit_place(unit)?.at, now_slow.value)
}

export function metres(a: Place, b: Place): number {
  const rad = Math.PI / 180
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad)
  const y = (b.lat - a.lat) * rad
  return Math.hypot(x, y) * 6_371_009
}

/* ---- the same thing may already be known ---- */
const NEAR_M = 300
const NEAR_S = 3600
export function nearby_of(place: Place | undefined): Incident[] {
  if (!place) return []
  return incidents.value.filter((i) => {
    const there = incident_place(i)
    return there && ['received', 'pending', 'open', 'controlled', 'reopened'].includes(i.stage)
      && metres(place, there) < NEAR_M && age_s(i.received_us, now.value) < NEAR_S
  })
}

/* The unit's own work: its row, its assignments, the incident of the one it is on. */
import { computed, ref, shallowRef, watch } from 'vue'
import { get, list, Problem } from '../base/api'
import { now, now_ms } from '../base/clock'
import { is_remembered, session } from '../base/session'
import type { Assignment, Incident, MapMeta, Member, NearHazard, Unit } from '../base/types'
import { catalogue, catalogue_load } from '../store/catalogue'
import { link } from '../store/push'
import { row, row_fetch, row_take, rows } from '../store/rows'
import { known_drop, known_save, type Known } from './known'
import { queue } from './queue'

export const unit_id = computed(() => session.value?.user.unit ?? '')
export const unit = computed<Unit | undefined>(() => row('unit', unit_id.value))
export const meta = shallowRef<MapMeta>()
export const is_loaded = ref(false)

const LIVE = ['sent', 'seen', 'en_route', 'staged', 'on_scene']
const mine = computed(() => [...rows('assignment').values()].filter((a) => a.unit === unit_id.value))
export const active = computed<Assignment | undefined>(() => mine.value
  .filter((a) => LIVE.includes(a.stage)).sort((a, b) => (b.sent_us ?? '').localeCompare(a.sent_us ?? ''))[0])
export const stacked = computed<Assignment[]>(() => mine.value.filter((a) => a.stage === 'reserved'))

/* Of the active job's place, nearest first; null: not known yet. Who else is on it. */
export const hazards = shallowRef<NearHazard[] | null>(null)
export const team = shallowRef<Member[]>([])

/* With personal values: this unit works it, and each look is recorded. */
export const incident = shallowRef<Incident | null>(null)

export const NEXT: Record<string, string> = { sent: 'see', seen: 'depart', en_route: 'arrive', staged: 'arrive', on_scene: 'clear' }
const LEADS_TO: Record<string, string> = {
  see: 'seen', depart: 'en_route', stage: 'staged', arrive: 'on_scene', clear: 'cleared', decline: 'declined',
}

/* The stage that the server knows, and the one that waiting acts lead to. */
export const stage_meant = computed(() => {
  let stage = active.value?.stage ?? ''
  for (const waiting of queue.value) {
    if (!waiting.refused && active.value && waiting.path.startsWith(`/assignments/${active.value.id}/`)) {
      stage = LEADS_TO[waiting.verb] ?? stage
    }
  }
  return stage
})

export async function state_load(): Promise<void> {
  const id = unit_id.value
  const [found, jobs, map] = await Promise.all([
    row_fetch('unit', id), list<Assignment>(`/assignments?unit=${id}&stage=reserved,${LIVE.join(',')}&limit=50`),
    get<MapMeta>('/map/meta'), catalogue_load()])
  row_take('unit', found)
  const ids = new Set(jobs.map((one) => one.id))
  for (const job of jobs) row_take('assignment', job)
  for (const job of jobs.filter((one) => one.stage === 'reserved')) {
    row_fetch('incident', job.incident).then((one) => row_take('incident', one)).catch(() => { /* not yet ours to see */ })
  }
  for (const [key, known] of rows('assignment')) if (!ids.has(key) && known.unit === id) rows('assignment').delete(key)
  meta.value = map
  is_loaded.value = true
}

export async function incident_look(): Promise<void> {
  const id = active.value?.incident
  if (!id) { incident.value = null; return }
  try {
    incident.value = await row_fetch('incident', id, 'dispatch')
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 0) incident.value = row('incident', id) ?? null
  }
}

/* Looked at a moment later: when the job has just ended, its own row says so in the same breath. */
const SETTLE_MS = 300
let look_timer = 0
watch(() => [active.value?.incident, row('incident', active.value?.incident)?.seq], () => {
  clearTimeout(look_timer)
  look_timer = window.setTimeout(incident_look, incident.value ? SETTLE_MS : 0)
})

/* ---- without signal ---- */
const is_live = computed(() => link.value === 'live' && !is_remembered.value)
/* Until when what is shown was true. */
export const as_of = ref(0)
watch([now, is_live], () => { if (is_live.value) as_of.value = now_ms() })

/* Takes what a former visit knew, after the session has been taken. */
export function known_take(known: Known): void {
  row_take('unit', known.unit)
  for (const one of known.assignments) row_take('assignment', one)
  for (const one of known.incidents) row_take('incident', one)
  for (const one of known.hazard_kinds) row_take('hazard_kind', one)
  for (const one of known.notices) row_take('notice', one)
  incident.value = known.incident
  hazards.value = known.hazards
  team.value = known.team
  catalogue.value = known.catalogue
  meta.value = known.meta
  as_of.value = known.at
  is_loaded.value = true
}

/* Kept a moment after each change while on duty; off duty nothing is kept. */
let save_timer = 0
watch([unit, mine, incident, hazards, team, is_loaded], () => {
  clearTimeout(save_timer)
  if (!is_loaded.value || is_remembered.value) return
  save_timer = window.setTimeout(() => {
    if (!session.value || !unit.value || !meta.value) return
    const is_on_duty = unit.value.readiness !== 'off_duty'
    const done = is_on_duty ? known_save({
      session: session.value, unit: unit.value, assignments: mine.value, incident: incident.value,
      incidents: stacked.value.map((a) => row('incident', a.incident)).filter((i) => i !== undefined),
      hazards: hazards.value, hazard_kinds: [...rows('hazard_kind').values()], team: team.value, notices: [...rows('notice').values()],
      meta: meta.value, catalogue: catalogue.value, at: now_ms() }) : known_drop()
    done.catch(() => { /* a device without room still works while it has signal */ })
  }, SETTLE_MS)
})

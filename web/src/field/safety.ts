/* What keeps the officer safe: the emergency button and its receipt, the question whether all is well,
   notices, hazards of the place, and who else is on the job. */
import { computed, ref, watch } from 'vue'
import { get, list } from '../base/api'
import { now, now_ms } from '../base/clock'
import type { Emergency, HazardKind, Member, NearHazard, Notice } from '../base/types'
import { row, row_take, rows } from '../store/rows'
import { here, sent_at } from './position'
import { queue, queue_add, queue_urgent } from './queue'
import { active, hazards, team, unit, unit_id } from './state'

/* ---- the emergency button ---- */
const raised = computed(() => [...rows('emergency').values()].filter((e) => e.stage !== 'cleared'))
export const mine = computed<Emergency | undefined>(() => raised.value.find((e) => e.unit === unit_id.value))
/* Of others on the same job. */
export const theirs = computed<Emergency[]>(() => raised.value.filter((e) => e.unit !== unit_id.value && e.incident === active.value?.incident))
/* Pressed, and not at the server yet. */
export const is_pressed = computed(() => queue.value.some((w) => w.verb === 'raise' && !w.refused))

export function emergency_press(): void {
  const body: Record<string, unknown> = here.value
    ? { place: here.value, placed_us: new Date(sent_at.value || now_ms()).toISOString() } : {}
  void queue_urgent('raise', unit.value?.callsign ?? '', '/emergencies', body)
  navigator.vibrate?.([200, 80, 200])
}

/* ---- is all well? ---- */
const is_answered = computed(() => queue.value.some((w) => w.verb === 'check' && !w.refused && w.path.includes(active.value?.id ?? '-')))
export const is_asked = computed(() => !!(active.value?.asked_us || active.value?.missed_us) && !is_answered.value)
export function all_well(): void {
  if (active.value) void queue_add('check', unit.value?.callsign ?? '', `/assignments/${active.value.id}/check`, {})
}
watch(is_asked, (asked) => { if (asked) navigator.vibrate?.([400, 150, 400]) })

/* ---- notices ---- */
export const unread = computed<Notice[]>(() => [...rows('notice').values()]
  .filter((n) => !n.withdrawn_us && Date.parse(n.until_us) > now.value && !unit.value?.confirmed?.includes(n.id)
    && !queue.value.some((w) => w.path === `/notices/${n.id}/confirm` && !w.refused))
  .sort((a, b) => Number(!!b.is_urgent) - Number(!!a.is_urgent) || a.posted_us.localeCompare(b.posted_us)))
export function notice_confirm(notice: Notice): void {
  void queue_add('confirm', notice.text.slice(0, 24), `/notices/${notice.id}/confirm`, {})
}

/* ---- the place and the team ---- */
export const hazard_kinds = computed(() => new Map([...rows('hazard_kind').values()].map((k) => [k.code, k])))
export function kind_of(code: string): HazardKind | undefined { return hazard_kinds.value.get(code) }

export async function safety_load(): Promise<void> {
  const [emergencies, notices, kinds] = await Promise.all([
    list<Emergency>('/emergencies?stage=raised,acknowledged&limit=50'), list<Notice>('/notices?limit=50'),
    list<HazardKind>('/hazard_kinds?limit=200')])
  for (const one of emergencies) row_take('emergency', one)
  for (const one of notices) row_take('notice', one)
  for (const one of kinds) row_take('hazard_kind', one)
  const ids = new Set(emergencies.map((one) => one.id))
  for (const id of rows('emergency').keys()) if (!ids.has(id)) rows('emergency').delete(id)
}

const is_looking = ref(false)
/* Without signal what was known last stays. */
async function job_look(): Promise<void> {
  const id = active.value?.incident
  if (!id || is_looking.value) return
  is_looking.value = true
  try {
    const [near, members] = await Promise.all([
      get<{ items: NearHazard[] }>(`/incidents/${id}/hazards`), get<{ items: Member[] }>(`/incidents/${id}/team`)])
    if (id === active.value?.incident) {
      hazards.value = near.items
      team.value = members.items.filter((one) => one.unit !== unit_id.value)
    }
  } catch { /* what was known stays */ } finally { is_looking.value = false }
}
const SETTLE_MS = 300
const AGAIN_MS = 20_000
let settle = 0
/* The incident's row changes with every step of every unit on it. */
watch(() => [active.value?.incident, row('incident', active.value?.incident)?.seq, active.value?.stage], ([id], [before]) => {
  if (id !== before) { hazards.value = null; team.value = [] }
  clearTimeout(settle)
  settle = window.setTimeout(() => void job_look(), SETTLE_MS)
})
window.setInterval(() => { if (!document.hidden) void job_look() }, AGAIN_MS)

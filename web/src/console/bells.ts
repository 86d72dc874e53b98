/* What rings, and what of it is sounded here. Whether it still rings is the server's: it stands in the
   row, so that one acknowledgement is every desk's, and news rings anew. */
import { computed, onBeforeUnmount, watch } from 'vue'
import { ms } from '../base/clock'
import type { Assignment, Bell, Emergency, Incident } from '../base/types'
import { rows } from '../store/rows'
import { act, act_now } from './acts'
import { ask } from './ask'
import { assignments, incidents, ringing } from './desk'
import { callsign } from './logtext'
import { sound, type Sound } from './sound'
import { t } from '../i18n'

export const emergencies = computed<Emergency[]>(() => [...rows('emergency').values()]
  .filter((e) => e.stage !== 'cleared').sort((a, b) => ms(a.raised_us) - ms(b.raised_us)))

/* Most urgent first. */
export const BELLS: Bell[] = ['safety', 'unseen', 'urgent', 'waiting', 'new']
export interface Ring { key: string; bell: Bell; at: string; incident: string; assignment?: Assignment; row?: Incident }
export const rings = computed<Ring[]>(() => {
  const found: Ring[] = []
  for (const a of assignments.value) if (a.bell) found.push({ key: `${a.id} ${a.bell} ${a.bell_us}`, bell: a.bell, at: a.bell_us ?? '', incident: a.incident, assignment: a })
  for (const i of incidents.value) if (i.bell) found.push({ key: `${i.id} ${i.bell} ${i.bell_us}`, bell: i.bell, at: i.bell_us ?? '', incident: i.id, row: i })
  return found.sort((a, b) => BELLS.indexOf(a.bell) - BELLS.indexOf(b.bell) || a.at.localeCompare(b.at))
})

export async function hear(ring: Ring): Promise<void> {
  await act_now(ring.assignment ? `/assignments/${ring.assignment.id}/hear` : `/incidents/${ring.incident}/hear`)
}
/* One after the other: somebody else may have been quicker with some, which is no fault. */
export async function hear_all(): Promise<void> {
  for (const ring of rings.value) await act(ring.assignment ? `/assignments/${ring.assignment.id}/hear` : `/incidents/${ring.incident}/hear`).catch(() => { /* heard elsewhere */ })
}

export async function emergency_acknowledge(e: Emergency): Promise<void> { await act_now(`/emergencies/${e.id}/acknowledge`) }
export function emergency_clear(e: Emergency): void {
  ask({
    title: t('emergency.clear_title', { unit: callsign(e.unit) }), button: t('verb.emergency_clear'), is_danger: true,
    fields: [{ name: 'reason', label: t('field.reason'), kind: 'text', is_needed: true }],
    submit: (values) => act(`/emergencies/${e.id}/clear`, values),
  })
}

/* ---- what is sounded ---- */
interface Sounding { key: string; kind: Sound }
const sounding = computed<Sounding[]>(() => [
  ...emergencies.value.filter((e) => e.stage === 'raised').map((e) => ({ key: `${e.id} ${e.pressed_us} ${e.overdue_us ?? ''}`, kind: 'emergency' as const })),
  ...ringing.value.map((c) => ({ key: c.id, kind: 'ring' as const })),
  ...rings.value.map((r) => ({ key: r.key, kind: r.bell })),
])
/* These go on until somebody has taken note. */
const AGAIN_MS: Partial<Record<Sound, number>> = { emergency: 3000, safety: 12_000, urgent: 20_000 }
const TICK_MS = 500

/* Sounds from now on, in the window that calls it. What rang before the page was there is sounded only
   if it goes on until it is heard. */
export function bells_start(): void {
  const last = new Map<string, number>(sounding.value.filter((one) => !AGAIN_MS[one.kind]).map((one) => [one.key, Date.now()]))
  const run = (): void => {
    const keys = new Set(sounding.value.map((one) => one.key))
    for (const key of last.keys()) if (!keys.has(key)) last.delete(key)
    const due = sounding.value.find((one) => {
      const before = last.get(one.key)
      const again = AGAIN_MS[one.kind]
      return before === undefined || (again !== undefined && Date.now() - before >= again)
    })
    if (!due) return
    /* One tone at a time, the most urgent; those of its class have been heard with it. */
    if (sound(due.kind)) for (const one of sounding.value) if (one.kind === due.kind) last.set(one.key, Date.now())
  }
  const stop = watch(sounding, run, { immediate: true })
  const timer = window.setInterval(run, TICK_MS)
  onBeforeUnmount(() => { stop(); clearInterval(timer) })
}

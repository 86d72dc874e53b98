/* Does what a line of the command line means. An act that can be taken back says how; what was sent
   stays on record all the same, and so does that it was taken back. */
import { get } from '../../base/api'
import { Refusal } from '../../base/explain'
import type { Incident, Recommendation, Unit } from '../../base/types'
import { language, t } from '../../i18n'
import { disposition_name, dispositions_of, type_name } from '../../store/catalogue'
import { row, row_fetch } from '../../store/rows'
import * as acts from '../acts'
import { hear_all } from '../bells'
import { assignments, chosen_unit, incident_open, intake_open, number_of, side, unit_place, view, type View } from '../desk'
import { look_at } from '../mapctl'
import type { Parsed } from './parse'
import type { Verb } from './verbs'

export interface Outcome {
  /* What was done; empty where a form or a place on the page speaks for itself. */
  text: string
  undo?: () => Promise<unknown>
}
/* A reason that the act needs, asked for in the same line. */
export class NeedReason extends Error {}

const UNDONE = 'undone'

export function verb_name(verb: Verb): string { return (language() === 'en' ? verb.en : verb.zh)[0]! }
function incident_name(id: string): string {
  const found = row('incident', id)
  return found ? `#${number_of(id)} ${type_name(found.type)}${found.address ? ` · ${found.address}` : ''}` : `#${number_of(id)}`
}

/* What was understood, in the reader's words. */
export function echo(p: Parsed): string {
  if (!p.verb) return ''
  const parts = [verb_name(p.verb)]
  if (p.incident) parts.push(incident_name(p.incident))
  if (p.other) parts.push(`→ ${incident_name(p.other)}`)
  if (p.priority) parts.push(t(`priority.${p.priority}`))
  if (p.units.length) parts.push(p.units.map((id) => row('unit', id)?.callsign ?? id).join(t('comma')))
  else if (p.verb.units === 'some') parts.push(t('command.recommended'))
  if (p.text) parts.push(`“${p.text}”`)
  return parts.join('  ')
}

function the_incident(p: Parsed): Incident {
  const found = row('incident', p.incident ?? undefined)
  if (!found) throw new Refusal(t('command.no_incident'))
  return found
}
function the_units(p: Parsed): Unit[] { return p.units.map((id) => row('unit', id)).filter((unit) => unit !== undefined) }
const said = (p: Parsed): Outcome => ({ text: echo(p) })

async function recall(incident: string, units: string[], reason: string): Promise<void> {
  const live = assignments.value.filter((a) => a.incident === incident && units.includes(a.unit) && ['reserved', 'sent', 'seen', 'en_route', 'staged', 'on_scene'].includes(a.stage))
  await Promise.all(live.map((a) => acts.act(`/assignments/${a.id}/cancel`, { reason })))
}

async function dispatch(p: Parsed): Promise<Outcome> {
  const incident = the_incident(p)
  incident_open(incident.id)
  const found = await get<Recommendation>(`/incidents/${incident.id}/recommendation`)
  const picks = found.picks.map((pick) => pick.unit)
  const units = p.units.length ? p.units : picks
  if (!units.length) throw new Refusal(t('recommend.nobody'))
  const is_followed = units.length === picks.length && units.every((id) => picks.includes(id))
  if (!is_followed && !p.text) throw new NeedReason(t('recommend.reason'))
  await acts.act(`/incidents/${incident.id}/dispatch`, {
    units, recommendation: found.digest, ...(p.text ? { reason: p.text } : {}),
    ...(p.verb?.code === 'reserve' ? { is_reserve: true } : {}), ...(p.verb?.code === 'divert' ? { is_preempt: true } : {}),
  })
  return { text: echo({ ...p, units }), undo: () => recall(incident.id, units, UNDONE) }
}

/* As heard on radio, for each unit that was named. What was sent a moment ago may not have arrived
   here as the unit's job: then the server is asked. */
async function by_radio(p: Parsed): Promise<Outcome> {
  const is_recall = p.verb!.code === 'recall'
  for (const unit of the_units(p)) {
    const job = unit.active ?? (await row_fetch('unit', unit.id)).active
    if (!job) throw new Refusal(t('command.idle', { unit: unit.callsign }))
    await acts.act(`/assignments/${job}/${is_recall ? 'cancel' : p.verb!.code}`, is_recall ? { reason: p.text } : {})
  }
  return said(p)
}

async function on_duty(p: Parsed): Promise<Outcome> {
  const units = the_units(p)
  const send = (verb: string, unit: Unit): Promise<unknown> => {
    const bodies: Record<string, unknown> = { sign_on: { crew: Math.max(1, unit.crew ?? unit.min_crew ?? 1) }, suspend: { reason: p.text || UNDONE } }
    return acts.act(`/units/${unit.id}/${verb}`, bodies[verb] ?? {})
  }
  const back: Record<string, string> = { sign_on: 'sign_off', sign_off: 'sign_on', suspend: 'resume', resume: 'suspend' }
  for (const unit of units) await send(p.verb!.code, unit)
  return { text: echo(p), undo: () => Promise.all(units.map((unit) => send(back[p.verb!.code]!, unit))) }
}

async function close(p: Parsed): Promise<Outcome> {
  const incident = the_incident(p)
  if (!p.text) { acts.incident_close(incident); return { text: '' } }
  const typed = p.text.toLowerCase()
  const all = dispositions_of(incident.type)
  const exact = all.filter((one) => [one.code, one.name.toLowerCase()].includes(typed))
  const found = exact.length ? exact : all.filter((one) => one.code.startsWith(typed) || one.name.toLowerCase().startsWith(typed))
  if (found.length !== 1) throw new Refusal(t('command.dispositions', { list: all.map((one) => one.name).join(t('comma')) }))
  await acts.act(`/incidents/${incident.id}/close`, { disposition: found[0]!.code })
  return { text: echo({ ...p, text: disposition_name(found[0]!.code, incident.type) }), undo: () => acts.act(`/incidents/${incident.id}/reopen`, { reason: UNDONE }) }
}

async function priority(p: Parsed): Promise<Outcome> {
  const incident = the_incident(p)
  const before = incident.priority
  await acts.act(`/incidents/${incident.id}/prioritise`, { priority: p.priority, reason: p.text })
  return { text: echo(p), undo: () => acts.act(`/incidents/${incident.id}/prioritise`, { priority: before, reason: UNDONE }) }
}

async function merge(p: Parsed): Promise<Outcome> {
  const incident = the_incident(p)
  await acts.act(`/incidents/${incident.id}/merge`, { into: p.other })
  incident_open(p.other!)
  return { text: echo(p), undo: () => acts.act(`/incidents/${incident.id}/unmerge`, { reason: UNDONE }) }
}

async function sos(p: Parsed): Promise<Outcome> {
  for (const unit of the_units(p)) await acts.act('/emergencies', { unit: unit.id })
  return said(p)
}

function find(p: Parsed): Outcome {
  const unit = the_units(p)[0]
  const at = unit && unit_place(unit)
  if (!unit || !at) throw new Refusal(t('unit.never_seen'))
  view.value = 'desk'
  chosen_unit.value = unit.id
  side.value = 'units'
  look_at([at.place], true)
  return { text: '' }
}

async function post(p: Parsed, path: string, body: unknown = {}): Promise<Outcome> {
  const incident = the_incident(p)
  await acts.act(`/incidents/${incident.id}/${path}`, body)
  incident_open(incident.id)
  return said(p)
}
/* Opens the form that asks for the rest. */
function form(p: Parsed, open: (incident: Incident) => void): Outcome {
  const incident = the_incident(p)
  incident_open(incident.id)
  open(incident)
  return { text: '' }
}
function show(where: View): Outcome { view.value = where; return { text: '' } }

const RUNS: Record<string, (p: Parsed) => Outcome | Promise<Outcome>> = {
  take: () => { intake_open(); return { text: '' } },
  dispatch, backup: dispatch, divert: dispatch, reserve: dispatch,
  see: by_radio, depart: by_radio, stage: by_radio, arrive: by_radio, clear: by_radio, recall: by_radio,
  check: by_radio, ask: by_radio, sos, hear: async () => { await hear_all(); return { text: '' } },
  sign_on: on_duty, sign_off: on_duty, suspend: on_duty, resume: on_duty,
  note: (p) => post(p, 'note', { text: p.text }), control: (p) => post(p, 'control'), reopen: (p) => post(p, 'reopen', { reason: p.text }),
  close, priority, merge, find,
  open: (p) => { view.value = 'desk'; incident_open(the_incident(p).id); return { text: '' } },
  review: (p) => form(p, acts.incident_review), transfer: (p) => form(p, acts.incident_transfer),
  schedule: (p) => form(p, acts.incident_schedule), escalate: (p) => form(p, acts.incident_escalate),
  desk: () => show('desk'), search: () => show('search'), duty: () => show('duty'), posts: () => show('posts'),
}

/* Throws NeedReason, or what `explain` says in words. */
export async function run(p: Parsed): Promise<Outcome> { return await RUNS[p.verb!.code]!(p) }

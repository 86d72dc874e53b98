/* Acts of the desk: each asks for what it needs and sends one command. */
import { ElMessage } from 'element-plus'
import { ref } from 'vue'
import { get, post } from '../base/api'
import { zone_name } from '../base/clock'
import { explain } from '../base/explain'
import type { Assignment, Call, Closure, Incident, Signal, Unit } from '../base/types'
import { when_text } from '../base/when'
import { t, word } from '../i18n'
import { capability_name, catalogue, dispositions_of, kind_name, plan_name, type_name, type_of } from '../store/catalogue'
import { row, rows } from '../store/rows'
import { ask, type AskField } from './ask'
import { incidents, number_of, signals, incident_open } from './desk'
import { newest, on_sight, type Seen } from './sight'

export const PRIORITIES = ['P0', 'P1', 'P2', 'P3', 'P4']

/* Grows with every accepted act, so that open sheets look again. */
export const acted = ref(0)

/* Sends one command; success moves `acted`, failure is explained where the caller stands. */
export async function act<T = { id: string; seq: number }>(path: string, body: unknown = {}, if_match?: number): Promise<T> {
  const answer = await post<T>(path, body, if_match === undefined ? {} : { if_match })
  acted.value++
  return answer
}

/* For buttons without a form: a refusal becomes a message that stays until closed. */
export async function act_now(path: string, body: unknown = {}): Promise<boolean> {
  try {
    await act(path, body)
    return true
  } catch (error) {
    ElMessage({ type: 'error', message: explain(error), duration: 8000, showClose: true, grouping: true })
    return false
  }
}

/* For acts that replace what the person saw; the others are protected by the desk's own tables. */
function replacing(incident: Incident, values: (now: Incident) => Seen): ReturnType<typeof on_sight> {
  return on_sight(incident, values, (verb, body, seq) => act(`/incidents/${incident.id}/${verb}`, body, seq))
}

const reason = (is_needed = true): AskField =>
  ({ name: 'reason', label: t('field.reason'), kind: 'text', is_needed })

/* ---- signals ---- */
export async function signal_claim(signal: Signal): Promise<void> {
  await act_now(`/signals/${signal.id}/claim`)
}

export function signal_confirm(signal: Signal, done: () => void): void {
  ask({
    title: t('signal.confirm_title'), button: t('signal.confirm'), note: t('signal.confirm_note'),
    fields: [
      { name: 'type', label: t('field.type'), kind: 'choice', value: type_of(signal.category)?.code, is_needed: !type_of(signal.category),
        options: catalogue.value.types.map((one) => ({ value: one.code, label: type_name(one.code) })) },
      { name: 'priority', label: t('field.priority'), kind: 'choice',
        options: PRIORITIES.map((p) => ({ value: p, label: t(`priority.${p}`) })) },
    ],
    done,
    submit: async (values) => {
      const answer = await act<{ id: string; incident?: string }>(`/signals/${signal.id}/confirm`, values)
      if (answer.incident) incident_open(answer.incident)
    },
  })
}

const open_incidents = (): { value: string; label: string }[] => incidents.value
  .filter((i) => ['received', 'pending', 'open', 'controlled', 'reopened'].includes(i.stage))
  .map((i) => ({ value: i.id, label: `#${number_of(i.id)} ${type_name(i.type)} · ${i.address ?? ''}` }))

export function signal_join(signal: Signal, done: () => void): void {
  ask({
    title: t('signal.join_title'), button: t('signal.join'), note: t('signal.join_note'),
    fields: [{ name: 'incident', label: t('field.incident'), kind: 'choice', is_needed: true, options: open_incidents() }],
    done,
    submit: async (values) => {
      await act(`/signals/${signal.id}/confirm`, values)
      incident_open(String(values.incident))
    },
  })
}

export function signal_dismiss(signal: Signal, done: () => void): void {
  ask({
    title: t('signal.dismiss_title'), button: t('signal.dismiss'), is_danger: true,
    fields: [{ name: 'reason', label: t('field.reason'), kind: 'choice', is_needed: true, is_open: true,
      options: ['no_finding', 'test', 'technical', 'mistaken', 'malicious'].map((c) => ({ value: c, label: t(`dismiss_reason.${c}`) })) }],
    done,
    submit: (values) => act(`/signals/${signal.id}/dismiss`, values),
  })
}

export function signal_duplicate(signal: Signal, done: () => void): void {
  ask({
    title: t('signal.duplicate_title'), button: t('signal.duplicate'),
    fields: [{ name: 'of', label: t('signal.stays'), kind: 'choice', is_needed: true,
      options: signals.value.filter((s) => s.id !== signal.id)
        .map((s) => ({ value: s.id, label: `#${number_of(s.id)} ${type_name(s.category) || word('source', s.source)} · ${s.address ?? ''}` })) }],
    done,
    submit: (values) => act(`/signals/${signal.id}/duplicate`, values),
  })
}

/* The officer's own words: the reporter's are never offered, or they would be sent on. */
export function signal_publish(signal: Signal): void {
  ask({
    title: t('report.publish_title'), button: t('report.publish'), note: t('report.publish_note'),
    fields: [{ name: 'text', label: t('report.text'), kind: 'words', is_needed: true, value: signal.public_text }],
    submit: (values) => act(`/signals/${signal.id}/publish`, values),
  })
}
export function signal_withdraw(signal: Signal): void {
  ask({
    title: t('report.withdraw_title'), button: t('report.withdraw'), is_danger: true, fields: [reason()],
    submit: (values) => act(`/signals/${signal.id}/withdraw`, values),
  })
}

/* ---- incidents ---- */
export function incident_close(incident: Incident): void {
  ask({
    title: t('sheet.close_title', { n: number_of(incident.id) }), button: t('verb.close'), note: t('sheet.close_note'),
    fields: [
      { name: 'disposition', label: t('field.disposition'), kind: 'choice', is_needed: true,
        options: dispositions_of(incident.type).map((d) => ({ value: d.code, label: d.name })) },
      { name: 'remark', label: t('field.remark'), kind: 'words' },
    ],
    submit: (values) => act(`/incidents/${incident.id}/close`, values),
  })
}

export function incident_amend(incident: Incident): void {
  const send = replacing(incident, (now) => ({ type: type_name(now.type), address: now.address ?? '' }))
  ask({
    title: t('verb.amend'), button: t('save'), note: t('sheet.amend_note'),
    fields: [
      { name: 'type', label: t('field.type'), kind: 'choice', value: incident.type,
        options: catalogue.value.types.map((one) => ({ value: one.code, label: type_name(one.code) })) },
      { name: 'address', label: t('field.address'), kind: 'text', value: incident.address },
      { name: 'is_exercise', label: t('intake.exercise'), kind: 'check', value: incident.is_exercise },
      reason(),
    ],
    submit: ({ type, address, ...rest }) => {
      const replaced = { ...(type !== incident.type ? { type } : {}), ...(address !== incident.address ? { address } : {}) }
      return send('amend', { ...rest, ...replaced }, Object.keys(replaced))
    },
  })
}

/* Who took it in the other body; the incident is theirs with it. */
export function incident_receipt(incident: Incident): void {
  ask({
    title: t('sheet.receipt_title', { n: number_of(incident.id) }), button: t('save'),
    fields: [{ name: 'receipt', label: t('field.receipt'), kind: 'text', is_needed: true }],
    submit: (values) => act(`/incidents/${incident.id}/transfer`, { to_body: incident.to_body, reason: 'receipt', ...values }),
  })
}

/* Another plan than the answers propose; the answers themselves stay. */
export function incident_triage(incident: Incident): void {
  const send = replacing(incident, (now) => ({
    plan: plan_name(now.plan), priority: t(`priority.${now.priority}`), answers: Object.values(now.answers ?? {}).join(' ') }))
  ask({
    title: t('verb.triage'), button: t('save'), note: t('sheet.triage_note'),
    fields: [
      { name: 'plan', label: t('field.plan'), kind: 'choice', is_needed: true, value: incident.plan,
        options: catalogue.value.plans.map((one) => ({ value: one.code, label: plan_name(one.code) })) },
      reason(),
    ],
    submit: (values) => {
      const { answers, priority } = newest(incident)
      return send('triage', { answers: answers ?? {}, priority, ...values })
    },
  })
}

export function incident_review(incident: Incident): void {
  ask({
    title: t('sheet.review_title'), button: t('verb.review'), note: t('sheet.review_note'),
    fields: [
      { name: 'outcome', label: t('field.outcome'), kind: 'choice', is_needed: true,
        options: ['satisfied', 'dissatisfied', 'unreachable', 'not_called'].map((c) => ({ value: c, label: t(`outcome.${c}`) })) },
      { name: 'remark', label: t('sheet.review_remark'), kind: 'words' },
    ],
    submit: (values) => act(`/incidents/${incident.id}/review`, values),
  })
}

export function incident_reopen(incident: Incident): void {
  ask({
    title: t('verb.reopen'), button: t('verb.reopen'), fields: [reason()],
    submit: (values) => act(`/incidents/${incident.id}/reopen`, values),
  })
}

export function incident_merge(incident: Incident, into?: string): void {
  ask({
    title: t('sheet.merge_title', { n: number_of(incident.id) }), button: t('verb.merge'), note: t('sheet.merge_note'),
    fields: [
      { name: 'into', label: t('sheet.merge_into'), kind: 'choice', is_needed: true, value: into,
        options: open_incidents().filter((o) => o.value !== incident.id) },
      reason(false),
    ],
    submit: (values) => act(`/incidents/${incident.id}/merge`, values),
  })
}

export function incident_unmerge(incident: Incident): void {
  ask({
    title: t('verb.unmerge'), button: t('verb.unmerge'), note: t('sheet.unmerge_note'), fields: [reason()],
    submit: (values) => act(`/incidents/${incident.id}/unmerge`, values),
  })
}

export function incident_transfer(incident: Incident): void {
  ask({
    title: t('verb.transfer'), button: t('verb.transfer'), note: t('sheet.transfer_note'),
    fields: [
      { name: 'to_body', label: t('field.to_body'), kind: 'choice', is_needed: true,
        options: catalogue.value.bodies.map((b) => ({ value: b.code, label: b.name })) },
      { name: 'receipt', label: t('field.receipt'), kind: 'text' },
      reason(),
    ],
    submit: (values) => act(`/incidents/${incident.id}/transfer`, values),
  })
}

export function incident_schedule(incident: Incident): void {
  const send = replacing(incident, (now) => ({ due_us: time_text(now.scheduled_us) }))
  ask({
    title: t('verb.schedule'), button: t('verb.schedule'), note: t('sheet.schedule_note'),
    fields: [{ name: 'due_us', label: t('field.due'), kind: 'time', is_needed: true }],
    submit: (values) => send('schedule', values),
  })
}

export function incident_escalate(incident: Incident): void {
  const send = replacing(incident, (now) => ({ level: String(now.level ?? 1) }))
  ask({
    title: t('verb.escalate'), button: t('verb.escalate'), note: t('sheet.escalate_note'),
    fields: [
      { name: 'level', label: t('field.level'), kind: 'number', is_needed: true, value: (incident.level ?? 1) + 1 },
      reason(false),
    ],
    submit: (values) => send('escalate', values),
  })
}

export function incident_prioritise(incident: Incident): void {
  const send = replacing(incident, (now) => ({ priority: t(`priority.${now.priority}`) }))
  ask({
    title: t('verb.prioritise'), button: t('save'), note: t('sheet.prioritise_note', { p: incident.initial_priority }),
    fields: [
      { name: 'priority', label: t('field.priority'), kind: 'choice', is_needed: true,
        options: PRIORITIES.map((p) => ({ value: p, label: t(`priority.${p}`) })), value: incident.priority },
      reason(),
    ],
    submit: (values) => send('prioritise', values),
  })
}

function time_text(stamp: string | undefined): string { return stamp ? when_text(Date.parse(stamp), zone_name()) : '' }

export const CORRECTABLE: readonly string[] = ['received_us', 'entered_us', 'dispatched_us', 'acknowledged_us', 'en_route_us', 'on_scene_us',
  'controlled_us', 'cleared_us', 'closed_us']
export const ASSIGNMENT_STAMPS = ['sent_us', 'seen_us', 'en_route_us', 'staged_us', 'on_scene_us', 'ended_us'] as const
/* Of the incident, or of one unit's assignment to it. */
export function incident_correct(incident: Incident, stamp?: string, assignment?: Assignment): void {
  const stamps = assignment ? ASSIGNMENT_STAMPS : CORRECTABLE
  const value = (of: Incident | Assignment, name: string): string | undefined => of.corrections?.[name]?.value ?? of[name as keyof typeof of] as string | undefined
  const before = stamp && value(assignment ?? incident, stamp)
  const send = replacing(incident, (now) => {
    const of = assignment ? row('assignment', assignment.id) ?? assignment : now
    return Object.fromEntries(stamps.map((name) => [name, time_text(value(of, name))]))
  })
  ask({
    title: t('sheet.correct_title'), button: t('save'), note: t('sheet.correct_note'),
    fields: [
      { name: 'stamp', label: t('sheet.correct_stamp'), kind: 'choice', is_needed: true, value: stamp,
        options: stamps.map((s) => ({ value: s, label: t(`stamp.${s}`) })) },
      { name: 'value_us', label: t('sheet.correct_value'), kind: 'time', is_needed: true,
        value: before ? Date.parse(before) : undefined },
      reason(),
    ],
    submit: (values) => send('correct', { ...values, ...(assignment ? { assignment: assignment.id } : {}) }, [String(values.stamp)]),
  })
}

/* ---- assignments: on a unit's behalf, as heard on radio ---- */
export const NEXT_VERB: Record<string, string> = {
  reserved: 'send', sent: 'see', seen: 'depart', en_route: 'arrive', staged: 'arrive', on_scene: 'clear',
}
export async function assignment_next(a: Assignment, verb = NEXT_VERB[a.stage]): Promise<void> {
  if (verb) await act_now(`/assignments/${a.id}/${verb}`)
}
export function assignment_cancel(a: Assignment): void {
  ask({
    title: t('verb.cancel'), button: t('verb.cancel'), is_danger: true, fields: [reason()],
    submit: (values) => act(`/assignments/${a.id}/cancel`, values),
  })
}
export function assignment_decline(a: Assignment): void {
  ask({
    title: t('verb.decline'), button: t('verb.decline'), is_danger: true, fields: [reason()],
    submit: (values) => act(`/assignments/${a.id}/decline`, values),
  })
}

/* ---- units ---- */
export function unit_sign_on(unit: Unit): void {
  ask({
    title: t('unit.sign_on_title', { unit: unit.callsign }), button: t('verb.sign_on'),
    fields: [
      { name: 'crew', label: t('field.crew'), kind: 'number', is_needed: true, value: Math.max(unit.min_crew ?? 1, 1),
        hint: unit.min_crew ? t('unit.min_crew', { n: unit.min_crew }) : '' },
      { name: 'until_us', label: t('field.until'), kind: 'time' },
    ],
    submit: (values) => act(`/units/${unit.id}/sign_on`, values),
  })
}
export async function unit_sign_off(unit: Unit): Promise<void> { await act_now(`/units/${unit.id}/sign_off`) }
export async function unit_resume(unit: Unit): Promise<void> { await act_now(`/units/${unit.id}/resume`) }
export function unit_suspend(unit: Unit): void {
  ask({
    title: t('unit.suspend_title', { unit: unit.callsign }), button: t('verb.suspend'),
    fields: [{ name: 'reason', label: t('field.reason'), kind: 'choice', is_needed: true, is_open: true,
      options: ['meal', 'repair', 'fuel', 'training', 'paperwork'].map((c) => ({ value: c, label: t(`suspend_reason.${c}`) })) }],
    submit: (values) => act(`/units/${unit.id}/suspend`, values),
  })
}

export function unit_enrol(): void {
  const lists = catalogue.value
  const codes = (all: (string | { code: string })[] | undefined, name: (code: string) => string): { value: string; label: string }[] =>
    (all ?? []).map((one) => typeof one === 'string' ? one : one.code).map((code) => ({ value: code, label: name(code) }))
  ask({
    title: t('enrol.title'), button: t('enrol.do'), note: t('enrol.note'),
    fields: [
      { name: 'callsign', label: t('enrol.callsign'), kind: 'text', is_needed: true },
      { name: 'kind', label: t('posts.kind'), kind: 'choice', is_needed: true, options: codes(lists.unit_kinds, kind_name) },
      { name: 'profile', label: t('enrol.profile'), kind: 'choice', is_needed: true, value: 'response',
        options: ['response', 'car', 'motorcycle', 'bicycle', 'foot'].map((p) => ({ value: p, label: t(`enrol.profile_${p}`) })) },
      { name: 'capabilities', label: t('enrol.capability'), kind: 'choice', is_open: true, options: codes(lists.capabilities, capability_name) },
      { name: 'body', label: t('field.body'), kind: 'choice', is_needed: true, options: lists.bodies.map((b) => ({ value: b.id, label: b.name })) },
      { name: 'post', label: t('enrol.post'), kind: 'choice', options: [...rows('post').values()].map((p) => ({ value: p.id, label: p.name })) },
      { name: 'min_crew', label: t('enrol.min_crew'), kind: 'number', value: 1 },
      { name: 'turnout_s', label: t('enrol.turnout'), kind: 'number', hint: t('enrol.turnout_hint') },
    ],
    submit: (values) => act('/units', values),
  })
}

/* ---- calls ---- */
export function call_back_done(call: Call): void {
  ask({
    title: t('call.back_title'), button: t('save'),
    fields: [{ name: 'outcome', label: t('field.outcome'), kind: 'choice', is_needed: true,
      options: ['reached', 'unreachable', 'mistake', 'incident'].map((c) => ({ value: c, label: t(`call_outcome.${c}`) })) },
    { name: 'incident', label: t('field.incident'), kind: 'choice', options: open_incidents() }],
    submit: (values) => act(`/calls/${call.id}/back`, values),
  })
}

/* ---- closures ---- */
export function closure_set(path: GeoJSON.Geometry, name: string): void {
  ask({
    title: t('closure.title'), button: t('closure.set'), note: t('closure.note'),
    fields: [
      { name: 'name', label: t('closure.name'), kind: 'text', value: name },
      { name: 'reason', label: t('field.reason'), kind: 'choice', is_needed: true, is_open: true,
        options: ['accident', 'flood', 'event', 'works', 'fire'].map((c) => ({ value: c, label: t(`closure_reason.${c}`) })) },
      { name: 'factor', label: t('closure.factor'), kind: 'number', hint: t('closure.factor_hint') },
      { name: 'profiles', label: t('closure.binds'), kind: 'choice', options: [
        { value: '', label: t('closure.binds_others') }, { value: 'response car motorcycle bicycle foot', label: t('closure.binds_all') },
        { value: 'response car motorcycle', label: t('closure.binds_motor') }] },
      { name: 'from_us', label: t('closure.from'), kind: 'time', hint: t('closure.from_hint') },
      { name: 'until_us', label: t('field.until'), kind: 'time' },
    ],
    submit: (values) => act('/closures', { ...values, path }),
  })
}
/* A whole street by its name: for the keyboard, and where it is too long to draw. */
export function closure_street(): void {
  let found: GeoJSON.Geometry | undefined
  let street = ''
  ask({
    title: t('closure.by_street'), button: t('closure.find'), note: t('closure.street_note'),
    fields: [{ name: 'name', label: t('closure.street'), kind: 'text', is_needed: true }],
    submit: async (values) => {
      street = String(values.name)
      found = (await get<GeoJSON.Feature>(`/streets?name=${encodeURIComponent(street)}`)).geometry
    },
    done: () => { if (found) closure_set(found, street) },
  })
}
export function closure_lift(closure: Closure): void {
  ask({
    title: t('closure.lift'), button: t('closure.lift'), fields: [reason()],
    submit: (values) => act(`/closures/${closure.id}/lift`, values),
  })
}

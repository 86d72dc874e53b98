/* One line of history in words: what happened, to what, with the values that matter. */
import { clock_stamp } from '../base/clock'
import type { LogItem } from '../base/types'
import { t, te, word } from '../i18n'
import { disposition_name, type_name } from '../store/catalogue'
import { row } from '../store/rows'

/* Units of assignments that have left the store; sheets fill it from their own list. */
export const unit_of_assignment = new Map<string, string>()

function kind_of(id: string): string { return id.slice(0, id.indexOf('-')) }

export function callsign(id: unknown): string {
  return row('unit', String(id))?.callsign ?? String(id ?? '')
}

export function log_incident(item: LogItem): string | undefined {
  const kind = kind_of(item.object)
  if (kind === 'incident') return item.object
  if (typeof item.fields.incident === 'string') return item.fields.incident
  if (kind === 'assignment') return row('assignment', item.object)?.incident
  return undefined
}

function unit_text(item: LogItem): string {
  if (kind_of(item.object) === 'unit') return callsign(item.object)
  const unit = item.fields.unit ?? row('assignment', item.object)?.unit ?? unit_of_assignment.get(item.object)
  return unit ? callsign(unit) : ''
}

const STAGE_WORDS: Record<string, string> = {
  signal_moved: 'signal_stage', incident_moved: 'incident_stage', assignment_moved: 'unit_status_done',
  unit_moved: 'unit_status', call_moved: 'call_stage', assignment_made: 'unit_status_done',
}

function detail(item: LogItem): string {
  const f = item.fields
  const parts: string[] = []
  const stage = f.to ?? (item.event === 'assignment_made' ? f.stage : undefined)
  if (typeof stage === 'string') parts.push(word(STAGE_WORDS[item.event] ?? 'incident_stage', stage))
  if (typeof f.type === 'string') parts.push(type_name(f.type))
  if (typeof f.category === 'string' && item.event === 'signal_raised') parts.push(type_name(f.category))
  if (typeof f.category === 'string' && item.event === 'incident_stated') parts.push(word('person', f.category))
  if (typeof f.certainty === 'string') parts.push(word('certainty', f.certainty))
  if (typeof f.priority === 'string') parts.push(f.priority)
  if (typeof f.disposition === 'string') parts.push(disposition_name(f.disposition))
  if (typeof f.result === 'string') parts.push(disposition_name(f.result))
  if (typeof f.outcome === 'string') parts.push(te(`outcome.${f.outcome}`) ? t(`outcome.${f.outcome}`) : word('call_outcome', f.outcome))
  if (typeof f.stamp === 'string') parts.push(`${word('stamp', f.stamp)} → ${clock_stamp(String(f.value_us ?? ''))}`)
  if (typeof f.level === 'number') parts.push(t('sheet.level', { n: f.level }))
  if (typeof f.crew === 'number') parts.push(t('unit.crew', { n: f.crew }))
  if (typeof f.address === 'string') parts.push(f.address)
  if (typeof f.callsign === 'string') parts.push(f.callsign)
  if (typeof f.name === 'string' && !item.event.startsWith('incident')) parts.push(f.name)
  if (typeof f.reason === 'string') parts.push(reason_word(f.reason))
  return parts.filter(Boolean).join(' · ')
}

export function reason_word(reason: string): string {
  for (const group of ['dismiss_reason', 'suspend_reason', 'closure_reason', 'decline_reason', 'transfer_reason', 'undo_reason']) {
    if (te(`${group}.${reason}`)) return t(`${group}.${reason}`)
  }
  return reason
}

export function log_text(item: LogItem): string {
  const head = word('event', item.event)
  const who = unit_text(item)
  const more = detail(item)
  return [who ? `${head} ${who}` : head, more].filter(Boolean).join(t('colon'))
}

/* Values that a person saw and is about to replace. Notes, units at work and timers move the version
   of an incident on all the time, so the version alone would refuse what nobody contradicts: an act
   goes through while what it replaces is as it was seen, and what has changed is shown instead. */
import { Problem } from '../base/api'
import { Refusal } from '../base/explain'
import type { Incident } from '../base/types'
import { t, te } from '../i18n'
import { row, row_fetch, row_take } from '../store/rows'

/* By field or stamp, each value as the page shows it. */
export type Seen = Record<string, string>
/* One act, refused with 412 unless the incident still has version `seq`. */
type Send = (verb: string, body: unknown, seq: number) => Promise<unknown>

const MAX_TURNS = 5

function label(name: string): string { return te(`stamp.${name}`) ? t(`stamp.${name}`) : t(`field.${name}`) }

/* The newest that is known of it, also while a dialog that began with an older one stands open. */
export function newest(incident: Incident): Incident {
  const live = row('incident', incident.id)
  return live && live.seq > incident.seq ? live : incident
}

/* Answers how to send an act that replaces the values named by `replaced`. It throws Refusal
   when one of them is not as it was seen last; with that it is seen, and sending again does it. */
export function on_sight(incident: Incident, values: (now: Incident) => Seen, send: Send):
  (verb: string, body: unknown, replaced?: string[]) => Promise<unknown> {
  let seen = values(incident)
  return async (verb, body, replaced = Object.keys(seen)) => {
    for (let turn = 1; ; turn++) {
      const now = newest(incident)
      const before = seen
      seen = values(now)
      const changed = replaced.filter((name) => seen[name] !== before[name])
        .map((name) => t('ask.changed_one', { label: label(name), before: before[name] || '–', after: seen[name] || '–' }))
      if (changed.length) throw new Refusal(t('ask.changed', { list: changed.join(t('comma')) }))
      try {
        return await send(verb, body, now.seq)
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 412 || turn === MAX_TURNS) throw error
      }
      row_take('incident', await row_fetch('incident', incident.id))
    }
  }
}

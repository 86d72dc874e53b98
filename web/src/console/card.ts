/* A card that was written on paper while the server was away, entered later: the ordinary acts, each
   with its true time and the clock "paper". Every step has a key made of the card's number, so that
   an entry that was refused half way goes on where it stopped, and the same card is one incident. */
import { list, post, type Written } from '../base/api'
import type { Assignment, Place } from '../base/types'

export interface Card {
  number: string; writer: string; type: string; address: string; place?: Place; words: string
  units: string[]; disposition: string
  /* Milliseconds since 1970; null: not on the card. */
  received: number | null; dispatched: number | null; arrived: number | null; cleared: number | null; closed: number | null
}
export const STAMPS = ['received', 'dispatched', 'arrived', 'cleared', 'closed'] as const
export type Stamp = (typeof STAMPS)[number]

/* What is wrong with a card, as the key of a text and the time it is about. */
export interface CardFault { key: 'needed' | 'place' | 'future' | 'order' | 'units' | 'dispatch' | 'outcome'; stamp?: Stamp }
export function card_fault(card: Card, now_ms: number): CardFault | null {
  if (!card.number.trim() || !card.writer.trim() || !card.type || card.received === null) return { key: 'needed' }
  if (!card.place && !card.address.trim()) return { key: 'place' }
  let before = -Infinity
  for (const stamp of STAMPS) {
    const at = card[stamp]
    if (at === null) continue
    if (at > now_ms) return { key: 'future', stamp }
    if (at < before) return { key: 'order', stamp }
    before = at
  }
  if (card.dispatched !== null && !card.units.length) return { key: 'units' }
  if (card.dispatched === null && (card.units.length || card.arrived !== null || card.cleared !== null)) return { key: 'dispatch' }
  return (card.closed === null) === !card.disposition ? null : { key: 'outcome' }
}

/* The steps in the order in which they happened. Returns the incident. */
export async function card_enter(card: Card, said: string): Promise<string> {
  const name = card.number.trim()
  const act = (step: string, path: string, at_ms: number, body: object = {}): Promise<Written> =>
    post(path, { ...body, at: new Date(at_ms).toISOString(), at_source: 'paper' }, { key: `card-${name}-${step}` })
  const received = card.received!
  const made = await act('create', '/incidents', received, {
    type: card.type, source: 'phone', external_ref: `card ${name}`, address: card.address || undefined, words: card.words || undefined, chosen: card.place })
  const path = `/incidents/${made.id}`
  await act('enter', `${path}/enter`, received)
  await act('note', `${path}/note`, received, { text: said })
  if (card.dispatched !== null) {
    await act('dispatch', `${path}/dispatch`, card.dispatched, { units: card.units, reason: `card ${name}` })
    const jobs = await list<Assignment>(`/assignments?incident=${made.id}&limit=100`)
    for (const job of jobs.filter((one) => card.units.includes(one.unit))) {
      if (card.arrived !== null) await act(`arrive-${job.id}`, `/assignments/${job.id}/arrive`, card.arrived)
      if (card.cleared !== null) await act(`clear-${job.id}`, `/assignments/${job.id}/clear`, card.cleared)
    }
  }
  if (card.closed !== null) await act('close', `${path}/close`, card.closed, { disposition: card.disposition })
  return made.id
}

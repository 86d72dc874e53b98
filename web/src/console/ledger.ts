/* The ledger of cover, asked of the server while somebody looks at it: what idle units reach in time
   now, and what each unit is worth. */
import { onBeforeUnmount, shallowRef, watch } from 'vue'
import { get } from '../base/api'
import { rows } from '../store/rows'
import { units } from './desk'

export interface Ledger {
  limits_s: number[]
  calls: number
  demand: number
  reached: number[]
  areas: { area?: string; demand: number; reached: number[] }[]
  units: { unit: string; callsign: string; is_idle: boolean; worth: number[] }[]
}

export const ledger = shallowRef<Ledger | null>(null)
export const ledger_failed = shallowRef(false)
const EVERY_MS = 10_000
const SOON_MS = 300

export async function ledger_look(): Promise<void> {
  try {
    ledger.value = await get<Ledger>('/cover')
    ledger_failed.value = false
  } catch { ledger_failed.value = true }
}

/* Follows while the calling component lives: statuses and closures soon, moves every ten seconds. */
export function ledger_follow(): void {
  let due = 0
  const soon = (): void => { clearTimeout(due); due = window.setTimeout(() => void ledger_look(), SOON_MS) }
  const timer = window.setInterval(() => void ledger_look(), EVERY_MS)
  watch(() => [units.value.map((u) => `${u.id} ${u.readiness}`).join(),
    [...rows('closure').values()].map((c) => `${c.id} ${c.is_in_force} ${c.lifted_us}`).join()], soon)
  onBeforeUnmount(() => { clearTimeout(due); clearInterval(timer) })
  void ledger_look()
}

/* Share of all demand, in hundredths, that is lost within the longest limit when the unit is sent;
   undefined: not known, or it is busy anyway. */
export function cover_cost(unit: string): number | undefined {
  const found = ledger.value
  const line = found?.units.find((u) => u.unit === unit)
  if (!found || !line?.is_idle || !found.demand) return undefined
  return Math.round(1000 * line.worth[line.worth.length - 1]! / found.demand) / 10
}

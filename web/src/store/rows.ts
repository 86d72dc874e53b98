/* What the desk's screens show: rows by kind and id. An older version never overwrites a newer one,
   so lists and push may arrive in any order. */
import { shallowReactive, ref } from 'vue'
import { get, list, Problem } from '../base/api'
import { session } from '../base/session'
import type {
  Area, Assignment, Body, Call, Closure, Emergency, Handover, Hazard, HazardKind, Incident, Kind, LogItem,
  Notice, Position, Post, Roster, Row, Signal, Timing, Unit, User,
} from '../base/types'

export interface RowsOf {
  signal: Signal; incident: Incident; assignment: Assignment; unit: Unit; call: Call; post: Post
  area: Area; body: Body; type: Row; plan: Row; user: User; closure: Closure; roster: Roster
  handover: Handover; timing: Timing
  hazard_kind: HazardKind; hazard: Hazard; emergency: Emergency; notice: Notice
}

const KINDS: Kind[] = ['signal', 'incident', 'assignment', 'unit', 'call', 'post', 'area', 'body',
  'type', 'plan', 'user', 'closure', 'roster', 'handover', 'timing',
  'hazard_kind', 'hazard', 'emergency', 'notice']

const tables = Object.fromEntries(KINDS.map((kind) => [kind, shallowReactive(new Map<string, Row>())])) as
  Record<Kind, Map<string, Row>>
/* Versions at which objects left this user's scope. */
const gone = new Map<string, number>()

export function rows<K extends Kind>(kind: K): Map<string, RowsOf[K]> {
  return tables[kind] as unknown as Map<string, RowsOf[K]>
}

export function row<K extends Kind>(kind: K, id: string | undefined): RowsOf[K] | undefined {
  return id ? rows(kind).get(id) : undefined
}

export function row_take(kind: Kind, found: Row): void {
  const table = tables[kind]
  if (!table) return
  const known = table.get(found.id)
  if (known && known.seq > found.seq) return
  if ((gone.get(found.id) ?? -1) >= found.seq) return
  table.set(found.id, found)
}

export function row_gone(kind: Kind, id: string, seq: number): void {
  const table = tables[kind]
  if (!table) return
  const known = table.get(id)
  if (known && known.seq > seq) return
  gone.set(id, seq)
  table.delete(id)
}

export function rows_clear(): void {
  for (const kind of KINDS) tables[kind].clear()
  gone.clear()
  positions.clear()
  log_items.value = []
}

/* ---- positions: not objects, latest wins ---- */
export const positions = new Map<string, Position>()
export const positions_tick = ref(0)

export function positions_take(items: Position[]): void {
  for (const item of items) {
    const known = positions.get(item.unit)
    if (!known || known.at <= item.at) positions.set(item.unit, item)
  }
  if (items.length) positions_tick.value++
}

/* ---- the activity log, newest first ---- */
const MAX_LOG_ITEMS = 300
export const log_items = ref<LogItem[]>([])

export function log_take(items: LogItem[]): void {
  const by_seq = new Map(log_items.value.map((item) => [`${item.seq} ${item.object}`, item]))
  for (const item of items) by_seq.set(`${item.seq} ${item.object}`, item)
  log_items.value = [...by_seq.values()].sort((a, b) => b.seq - a.seq).slice(0, MAX_LOG_ITEMS)
}

/* ---- what a console needs at its start and after a resync ---- */
const RECENT = 100
const OPEN_LISTS: [Kind, ...string[]][] = [
  ['unit', '/units?limit=500'],
  /* What is open, and of what is settled the newest: some of it waits for a receipt or a call-back. */
  ['incident', '/incidents?stage=received,pending,open,controlled,scheduled,reopened&limit=500',
    `/incidents?stage=closed,transferred&order=-id&limit=${RECENT}`],
  ['assignment', '/assignments?stage=reserved,sent,seen,en_route,staged,on_scene&limit=500'],
  ['signal', '/signals?stage=new,verifying&limit=500'],
  ['call', '/calls?stage=ringing,talking,call_back_due&limit=200'],
  ['closure', '/closures?limit=200'],
  ['post', '/posts?limit=500'],
  ['timing', '/timings'],
  ['hazard_kind', '/hazard_kinds?limit=200'],
  ['hazard', '/hazards?limit=500'],
  ['emergency', '/emergencies?stage=raised,acknowledged&limit=100'],
  ['notice', '/notices?limit=100'],
]

/* What this account may not see is empty for it. */
export function unless_denied<T>(empty: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Problem && error.status === 403) return empty
    throw error
  }
}

async function load(kind: Kind, ...paths: string[]): Promise<void> {
  const fresh = (await Promise.all(paths.map((path) =>
    list<Row>(path, path.includes('order=-id') ? RECENT : undefined).catch(unless_denied<Row[]>([]))))).flat()
  const ids = new Set(fresh.map((found) => found.id))
  const newest = fresh.reduce((top, found) => Math.max(top, found.seq), 0)
  for (const found of fresh) row_take(kind, found)
  /* What the list does not name any more has ended or left; a row newer than the list stays. */
  for (const [id, known] of tables[kind]) if (!ids.has(id) && known.seq <= newest) tables[kind].delete(id)
}

/* The lists have been there once. */
export const are_loaded = ref(false)

export async function rows_load(): Promise<void> {
  const [at, recent] = await Promise.all([
    get<{ items: Position[] }>('/units/positions').catch(unless_denied({ items: [] as Position[] })),
    get<{ items: LogItem[] }>('/log?limit=100').catch(unless_denied({ items: [] as LogItem[] })),
    ...OPEN_LISTS.map(([kind, ...paths]) => load(kind, ...paths))])
  positions_take(at.items)
  log_take(recent.items)
  are_loaded.value = true
}

/* Why this desk looks at the personal values of an incident: to work it, or to look back at it. */
export function purpose_of(stage: string): string {
  const role = session.value?.user.role
  if (role === 'auditor') return 'audit'
  if (role === 'reviewer') return 'review'
  return ['received', 'pending', 'open', 'controlled', 'scheduled', 'reopened'].includes(stage) ? 'dispatch' : 'review'
}

/* One row from the server, with personal values when a purpose is given (that look is recorded). */
export async function row_fetch<K extends Kind>(kind: K, id: string, purpose?: string): Promise<RowsOf[K]> {
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`
  const found = await get<RowsOf[K]>(`/${plural}/${id}`, purpose ? { purpose } : {})
  return found
}

/* What the page last knew, kept on the device so that a job can be read without signal even after the
   page was closed. One record; it goes with the duty and with the session. It is always shown with the
   time at which it was true, and nothing that it says is sent anywhere. */
import { openDB, type IDBPDatabase } from 'idb'
import type { Assignment, HazardKind, Incident, MapMeta, Member, NearHazard, Notice, Session, Unit } from '../base/types'
import type { Catalogue } from '../store/catalogue'

export interface Known {
  session: Session; unit: Unit; assignments: Assignment[]; incidents: Incident[]; incident: Incident | null
  meta: MapMeta; catalogue: Catalogue
  hazards: NearHazard[] | null; hazard_kinds: HazardKind[]; team: Member[]; notices: Notice[]
  /* Milliseconds since 1970, by the server's clock. */
  at: number
}

const STORE = 'known'
const KEY = 'one'
let db: Promise<IDBPDatabase> | undefined
function opened(): Promise<IDBPDatabase> {
  db ??= openDB('anwang-field-known', 1, { upgrade(fresh) { fresh.createObjectStore(STORE) } })
  return db
}

/* The secret of the session stays out: only the server gives it, when it is there again. */
export async function known_save(known: Known): Promise<void> {
  const plain = JSON.parse(JSON.stringify({ ...known, session: { ...known.session, csrf: '' } })) as Known
  await (await opened()).put(STORE, plain, KEY)
}
export async function known_load(): Promise<Known | null> {
  return await (await opened()).get(STORE, KEY) as Known | undefined ?? null
}
export async function known_drop(): Promise<void> {
  await (await opened()).delete(STORE, KEY)
}

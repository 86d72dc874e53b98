/* What the officer has done and the server has not yet acknowledged. Kept in IndexedDB with the
   idempotency key and the time of the act, sent in order, never twice. Nothing is shown as done
   before the server has said so: until then it is shown as waiting. */
import { openDB, type IDBPDatabase } from 'idb'
import { ref, shallowRef } from 'vue'
import { call, new_key, Problem } from '../base/api'
import { now_ms } from '../base/clock'
import { is_remembered } from '../base/session'

export interface Waiting {
  n?: number
  key: string
  path: string
  /* What the person did, as a verb of the dictionary, and what it was about. */
  verb: string
  about: string
  at: string
  body?: Record<string, unknown>
  photo?: Blob
  /* Goes at once, past what is being sent. */
  is_urgent?: true
  /* Set when the server refused it for good. */
  refused?: { status: number; field?: string; legal?: string[] }
}

const STORE = 'waiting'
const RETRY_MS = 5000
let db: IDBPDatabase | undefined
let user = ''

export const queue = shallowRef<Waiting[]>([])
export const is_sending = ref(false)
/* The last thing sent did not reach the server. */
export const is_cut_off = ref(false)
let on_sent: (sent: Waiting) => void = () => {}

async function look(): Promise<void> {
  queue.value = db ? await db.getAll(STORE) as Waiting[] : []
}

/* Opens the queue of this account and begins to send what a former visit left. */
export async function queue_open(account: string, sent: (done: Waiting) => void): Promise<void> {
  user = account
  on_sent = sent
  db = await openDB(`anwang-field-${account}`, 1, {
    upgrade(fresh) { fresh.createObjectStore(STORE, { keyPath: 'n', autoIncrement: true }) },
  })
  await look()
  void queue_send()
}
export function queue_close(): void {
  db?.close()
  db = undefined
  user = ''
  queue.value = []
}

async function put(waiting: Waiting, body?: Record<string, unknown>): Promise<void> {
  if (body) waiting.body = { ...body, at: waiting.at, at_source: 'device' }
  await db!.add(STORE, waiting)
  await look()
}
const fresh = (verb: string, about: string, path: string): Waiting => ({ key: new_key(), path, verb, about, at: new Date(now_ms()).toISOString() })

export async function queue_add(verb: string, about: string, path: string, body?: Record<string, unknown>, photo?: Blob): Promise<void> {
  const waiting = fresh(verb, about, path)
  if (photo) waiting.photo = photo
  await put(waiting, body)
  void queue_send()
}
/* A call for help waits for no photo that is on its way. */
export async function queue_urgent(verb: string, about: string, path: string, body: Record<string, unknown>): Promise<void> {
  await put({ ...fresh(verb, about, path), is_urgent: true }, body)
  void urgent_send()
}

export async function queue_drop(waiting: Waiting): Promise<void> {
  await db?.delete(STORE, waiting.n!)
  await look()
}

/* A refusal that another try cannot change. */
function is_final(problem: Problem): boolean {
  return problem.status >= 400 && problem.status < 500 && ![401, 403, 408, 425, 429].includes(problem.status)
}

async function send_one(waiting: Waiting): Promise<boolean> {
  try {
    await call('POST', waiting.path, waiting.photo
      ? { raw: waiting.photo, key: waiting.key } : { body: waiting.body ?? {}, key: waiting.key })
    is_cut_off.value = false
    await db?.delete(STORE, waiting.n!)
    on_sent(waiting)
    return true
  } catch (error) {
    is_cut_off.value = !(error instanceof Problem) || error.status === 0
    if (!(error instanceof Problem) || !is_final(error)) return false
    const refused: Waiting['refused'] = { status: error.status }
    if (error.field) refused.field = error.field
    if (error.legal) refused.legal = error.legal
    await db?.put(STORE, { ...waiting, refused })
    return true
  }
}

const URGENT_RETRY_MS = 2000
let urgent_timer = 0
let is_urgent_under_way = false
async function urgent_send(): Promise<void> {
  if (is_urgent_under_way || !db || is_remembered.value) return
  clearTimeout(urgent_timer)
  is_urgent_under_way = true
  try {
    for (const one of queue.value.filter((w) => w.is_urgent && !w.refused)) {
      if (!await send_one(one)) { urgent_timer = window.setTimeout(() => void urgent_send(), URGENT_RETRY_MS); break }
    }
  } finally {
    is_urgent_under_way = false
    await look()
  }
}

let timer = 0
export async function queue_send(): Promise<void> {
  if (is_sending.value || !db || is_remembered.value) return
  clearTimeout(timer)
  void urgent_send()
  is_sending.value = true
  const mine = user
  try {
    for (;;) {
      await look()
      const next = queue.value.find((w) => !w.refused && !w.is_urgent)
      if (!next || mine !== user) break
      if (!await send_one(next)) { timer = window.setTimeout(() => void queue_send(), RETRY_MS); break }
    }
  } finally {
    is_sending.value = false
    await look()
  }
}
window.addEventListener('online', () => void queue_send())

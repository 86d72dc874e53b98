/* One door to the server. Writes carry an idempotency key that survives a retry, so that a lost
   answer never doubles an act. Nothing is assumed done before the server has said so. */

const BASE = '/api/v1'
const RETRIES = 2
const RETRY_MS = 700

/* RFC 9457 problem, or a failed connection (status 0). */
export class Problem extends Error {
  readonly status: number
  readonly field: string | undefined
  readonly legal: string[] | undefined
  constructor(status: number, body: Record<string, unknown> = {}) {
    super(typeof body.title === 'string' ? body.title : `HTTP ${status}`)
    this.status = status
    this.field = typeof body.field === 'string' ? body.field : undefined
    this.legal = Array.isArray(body.legal) ? body.legal.map(String) : undefined
  }
}

let csrf = ''
let on_session_lost: () => void = () => {}
export function set_csrf(token: string): void { csrf = token }
export function when_session_lost(fn: () => void): void { on_session_lost = fn }
export function new_key(): string { return crypto.randomUUID() }

export interface CallOptions {
  body?: unknown
  raw?: Blob
  key?: string
  if_match?: number
  purpose?: string
  quiet_401?: boolean
  signal?: AbortSignal
}

function headers_of(method: string, options: CallOptions): Record<string, string> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (options.raw) headers['Content-Type'] = options.raw.type
  else if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  if (options.purpose) headers['X-Purpose'] = options.purpose
  if (method !== 'GET') {
    headers['Idempotency-Key'] = options.key ?? new_key()
    if (csrf) headers['X-CSRF-Token'] = csrf
  }
  if (options.if_match !== undefined) headers['If-Match'] = `"${options.if_match}"`
  return headers
}

async function problem_of(answer: Response): Promise<Problem> {
  const body = await answer.json().catch(() => ({})) as Record<string, unknown>
  return new Problem(answer.status, body)
}

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  const headers = headers_of(method, options)
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  const init: RequestInit = { method, headers, credentials: 'same-origin' }
  if (body !== undefined) init.body = body
  if (options.signal) init.signal = options.signal
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(BASE + path, init)
      if (answer.status !== 503 || attempt >= RETRIES) return answer
    } catch (error) {
      if (options.signal?.aborted) throw error
      if (attempt >= RETRIES) throw new Problem(0)
    }
    await new Promise((done) => setTimeout(done, RETRY_MS * (attempt + 1)))
  }
}

/* Answers the JSON body, null when there is none. Throws Problem. */
export async function call<T = unknown>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const answer = await send(method, path, options)
  if (answer.status === 401 && !options.quiet_401) on_session_lost()
  if (!answer.ok) throw await problem_of(answer)
  const text = await answer.text()
  return (text ? JSON.parse(text) : null) as T
}

export function get<T>(path: string, options: CallOptions = {}): Promise<T> {
  return call<T>('GET', path, options)
}

export interface Written { id: string; seq: number; replayed?: boolean }

/* Keys of writes whose answer never came: doing the same again is the same write, not a second one. */
const unanswered = new Map<string, string>()

export async function post<T = Written>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> {
  const mark = `${path} ${JSON.stringify(body)}`
  const key = options.key ?? unanswered.get(mark) ?? new_key()
  unanswered.set(mark, key)
  try {
    const answer = await call<T>('POST', path, { ...options, body, key })
    unanswered.delete(mark)
    return answer
  } catch (error) {
    if (error instanceof Problem && error.status > 0 && error.status < 500) unanswered.delete(mark)
    throw error
  }
}

interface Page<T> { items: T[]; next: string | null; as_of?: number }

/* Walks a list's cursors, up to `max` rows. */
export async function list<T>(path: string, max = 5000): Promise<T[]> {
  const rows: T[] = []
  let cursor: string | null = null
  do {
    const joint: string = path.includes('?') ? '&' : '?'
    const page: Page<T> = await get<Page<T>>(cursor ? `${path}${joint}cursor=${encodeURIComponent(cursor)}` : path)
    rows.push(...page.items)
    cursor = page.next
  } while (cursor && rows.length < max)
  return rows
}

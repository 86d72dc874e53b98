/* One event stream for all tabs of a user. The tab that holds a web lock keeps the stream and tells
   the others over a broadcast channel; when it closes, the next tab takes the lock, and with it the
   stream, and everybody loads the lists once. */
import { ref, shallowRef } from 'vue'
import { clock_tick, now_ms } from '../base/clock'
import type { Kind, Ledger, LogItem, Position, Row } from '../base/types'
import { log_take, positions_take, row_gone, row_take } from './rows'

export type Link = 'connecting' | 'live' | 'broken'
export const link = ref<Link>('connecting')
/* Server time of the last sign that the stream is alive; 0: none yet. */
export const heard = ref(0)

/* The ledger of cover, its heaviest lines only, as it was told last. */
export const cover = shallowRef<Ledger | null>(null)

interface Message { event: string; data: string; seq: number }
const EVENTS = ['row', 'gone', 'log', 'positions', 'cover', 'resync', 'tick']
const RETRY_MS = 3000
/* The server says something at least every 15 s; longer silence is a dead line that nobody noticed. */
const SILENCE_MS = 40_000

type RowHandler = (kind: Kind, row: Row) => void
const row_handlers = new Set<RowHandler>()
/* Called for each pushed row after it is in the store. */
export function on_row(fn: RowHandler): () => void {
  row_handlers.add(fn)
  return () => row_handlers.delete(fn)
}

let reload: () => void = () => {}

function take(message: Message): void {
  heard.value = now_ms()
  const data = message.data ? JSON.parse(message.data) : {}
  switch (message.event) {
    case 'row':
      row_take(data.kind, data.row)
      for (const handler of row_handlers) handler(data.kind, data.row)
      break
    case 'gone': row_gone(data.kind, data.id, data.seq ?? message.seq); break
    case 'log': log_take([data as LogItem]); break
    case 'positions': positions_take(data.items as Position[]); break
    case 'cover': cover.value = data as Ledger; break
    case 'tick': clock_tick(Date.parse(data.now)); break
    case 'resync': reload(); break
  }
}

function seq_of(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1)) || 0
}

/* Holds the stream until `stop`; resolves then. Lists are loaded once the stream stands, so that no
   change falls between the two. */
function lead(channel: BroadcastChannel, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    let source: EventSource
    let is_loaded = false
    let is_anew = false
    const tell = (state: Link): void => {
      link.value = state
      channel.postMessage({ link: state })
      /* A stream opened anew names no last event, so what it missed is loaded. */
      if (!is_loaded || (state === 'live' && is_anew)) reload()
      is_loaded = true
      is_anew = false
    }
    let silence = 0
    const hear = (): void => {
      clearTimeout(silence)
      silence = window.setTimeout(() => { tell('broken'); source.close(); is_anew = true; open() }, SILENCE_MS)
    }
    const open = (): void => {
      if (stop.aborted) return
      source = new EventSource('/api/v1/push')
      hear()
      source.onopen = () => { tell('live'); hear() }
      /* The browser reconnects by itself with Last-Event-ID; a refused stream it gives up. */
      source.onerror = () => {
        tell('broken')
        if (source.readyState === EventSource.CLOSED) {
          is_anew = true
          setTimeout(open, RETRY_MS)
        }
      }
      for (const event of EVENTS) {
        source.addEventListener(event, (e: MessageEvent<string>) => {
          hear()
          if (link.value !== 'live') tell('live')
          const message: Message = { event, data: e.data, seq: seq_of(e.lastEventId) }
          channel.postMessage(message)
          take(message)
        })
      }
    }
    channel.addEventListener('message', (e: MessageEvent) => {
      if (e.data === 'hello') channel.postMessage({ link: link.value })
    })
    stop.addEventListener('abort', () => { clearTimeout(silence); source.close(); done() })
    open()
  })
}

/* `load` fetches all lists; it runs at the start, at take-over and on resync. Returns how to stop. */
export function push_start(user: string, load: () => void): () => void {
  const stop = new AbortController()
  const name = `anwang-push-${user}`
  const channel = new BroadcastChannel(name)
  reload = load
  channel.onmessage = (e: MessageEvent) => {
    if (e.data === 'hello') return
    if (e.data.link) link.value = e.data.link
    else take(e.data as Message)
  }
  const run = async (): Promise<void> => {
    const led = await navigator.locks.request(name, { ifAvailable: true }, (lock) =>
      lock ? lead(channel, stop.signal).then(() => true) : false)
    if (led || stop.signal.aborted) return
    channel.postMessage('hello')
    load()
    await navigator.locks.request(name, { signal: stop.signal }, () => lead(channel, stop.signal))
  }
  run().catch(() => { /* stopped while waiting for the lock */ })
  return () => { stop.abort(); channel.close() }
}

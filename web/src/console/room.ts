/* One desk in several windows: the main one and panes that stand in windows of their own look at the
   same incident, unit and place. Each such window holds a web lock under its pane's name, so that the
   main one knows which are out, also after a reload or when one dies. */
import { computed, ref, watch, type Ref } from 'vue'
import { PANES, type Pane } from './layout'

const query = new URLSearchParams(location.hash.slice(1))
function of_list<T extends string>(list: readonly T[], text: string | null): T | null {
  return list.find((one) => one === text) ?? null
}
/* The pane that this window shows; null: it is a whole desk. */
export const own_pane: Pane | null = of_list(PANES, query.get('pane'))
export const is_wall = query.has('wall')

const KEY = 'anwang.room'
const WAIT_MS = 1500
/* A wall looks at nothing with others. */
let room = query.get('room') ?? (is_wall ? null : sessionStorage.getItem(KEY)) ?? crypto.randomUUID()
const lock_name = (pane: string): string => `anwang-${room}-${pane}`
let channel: BroadcastChannel

function enter(id: string): void {
  room = id
  if (!own_pane && !is_wall) sessionStorage.setItem(KEY, id)
  channel = new BroadcastChannel(lock_name('room'))
  channel.onmessage = (e: MessageEvent<string>) => hear(JSON.parse(e.data) as Message)
}

/* ---- values that all windows of a desk share ---- */
interface Message { name: string; value?: unknown }
const shared = new Map<string, Ref<unknown>>()
const handlers = new Map<string, (value: never) => void>()
let is_taking = false

export function room_tell(name: string, value: unknown = null): void {
  channel.postMessage(JSON.stringify({ name, value } satisfies Message))
}
export function room_on<T>(name: string, fn: (value: T) => void): void { handlers.set(name, fn) }
export function room_share<T>(name: string, value: Ref<T>): void {
  shared.set(name, value as Ref<unknown>)
  watch(value, (now) => { if (!is_taking) room_tell(name, now) }, { flush: 'sync' })
}
function hear({ name, value }: Message): void {
  const target = shared.get(name)
  if (target) {
    is_taking = true
    target.value = value ?? null
    is_taking = false
  }
  handlers.get(name)?.(value as never)
}

/* ---- panes in windows of their own ---- */
const out = ref<Pane[]>([])
export function is_out(pane: Pane): boolean { return out.value.includes(pane) }
export const outside = computed(() => out.value)

/* Resolves to the main window's knowledge when the pane's window has gone. */
function wait_back(pane: Pane): void {
  if (is_out(pane)) return
  out.value = [...out.value, pane]
  void navigator.locks.request(lock_name(pane), { mode: 'shared' }, () => {
    out.value = out.value.filter((one) => one !== pane)
  })
}
export function pane_open(pane: Pane): boolean {
  const url = `/#pane=${pane}&room=${encodeURIComponent(room)}`
  return window.open(url, lock_name(pane), 'popup,width=900,height=800') !== null
}
export function wall_open(): void { window.open('/#wall', lock_name('wall'), 'popup,width=1280,height=720') }

function main_start(): void {
  room_on<Pane>('pane', wait_back)
  room_on('hello', () => { for (const [name, value] of shared) room_tell(name, value.value) })
  /* A tab that was doubled brings the room of the other along: it gets one of its own. */
  void navigator.locks.request(lock_name('main'), { signal: AbortSignal.timeout(WAIT_MS) }, () => new Promise(() => { /* as long as this window lives */ }))
    .catch(() => { channel.close(); out.value = []; enter(crypto.randomUUID()); main_start() })
  void navigator.locks.query().then(({ held }) => {
    for (const pane of PANES) if (held?.some((lock) => lock.name === lock_name(pane) && lock.mode === 'exclusive')) wait_back(pane)
  })
}
function pane_start(pane: Pane): void {
  void navigator.locks.request(lock_name(pane), () => {
    room_tell('pane', pane)
    room_tell('hello')
    return new Promise(() => { /* as long as this window lives */ })
  })
}
enter(room)
if (own_pane) pane_start(own_pane)
else if (!is_wall) main_start()

/* The one clock of a page. It follows the server, not the browser: a replay may run years ago and
   many times faster. Each push tick says what time it is; between ticks time is drawn on at the
   rate that the last ticks showed. */
import { ref } from 'vue'

const MAX_RATE = 10_000
let server_at_tick = Date.now()
let local_at_tick = performance.now()
let rate = 1

/* Milliseconds since 1970, by the server's clock. */
export function now_ms(): number {
  return server_at_tick + (performance.now() - local_at_tick) * rate
}

/* Reactive copy of now_ms, moved once a second: what running timers read. */
export const now = ref(now_ms())

export function clock_tick(server_ms: number): void {
  if (!Number.isFinite(server_ms)) return
  const local = performance.now()
  const local_span = local - local_at_tick
  const server_span = server_ms - server_at_tick
  if (local_span > 5_000 && Math.abs(server_span) < local_span * MAX_RATE) {
    const seen = Math.max(0, server_span / local_span)
    rate = seen > 0.98 && seen < 1.02 ? 1 : seen
  }
  server_at_tick = server_ms
  local_at_tick = local
  now.value = server_ms
  now_slow.value = server_ms
}

/* The same, moved every ten seconds: for long lists in which nothing is pressing. */
export const now_slow = ref(now_ms())

setInterval(() => { now.value = now_ms() }, 1000)
setInterval(() => { now_slow.value = now_ms() }, 10_000)

export function ms(stamp: string | undefined): number {
  return stamp ? Date.parse(stamp) : NaN
}

/* Whole seconds since a stamp; NaN without one. */
export function age_s(stamp: string | undefined, at: number = now.value): number {
  const start = ms(stamp)
  return Number.isNaN(start) ? NaN : Math.max(0, Math.floor((at - start) / 1000))
}

/* Running timer text: 0:07, 12:34, 1:02:03, 3d 04h. */
export function timer(seconds: number): string {
  if (Number.isNaN(seconds)) return '–'
  const two = (n: number): string => String(n).padStart(2, '0')
  const s = Math.floor(seconds)
  if (s >= 86_400) return `${Math.floor(s / 86_400)}d ${two(Math.floor(s / 3600) % 24)}h`
  if (s >= 3_600) return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
  return `${Math.floor(s / 60)}:${two(s % 60)}`
}

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone
export function set_zone(name: string): void { zone = name }
export function zone_name(): string { return zone }

const formats = new Map<string, Intl.DateTimeFormat>()
function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${zone}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hourCycle: 'h23', ...options })
    formats.set(key, found)
  }
  return found
}

/* Local time of the realm. Digits only, so one form serves both languages. */
export function clock_time(stamp: string | number | undefined): string {
  if (stamp === undefined || stamp === '') return ''
  return format('time', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(stamp))
}
export function clock_day(stamp: string | number): string {
  return format('day', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(stamp))
}
/* Time alone on the same local day, else day and time. */
export function clock_stamp(stamp: string | undefined): string {
  if (!stamp) return ''
  const day = clock_day(stamp)
  return day === clock_day(now.value) ? clock_time(stamp) : `${day} ${clock_time(stamp)}`
}

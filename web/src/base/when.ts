/* Times as people at a desk type them, in the realm's zone and never in the browser's:
   14:05 · 1405 · 14:05:30 · 11-23 14:05 · 2026-11-23 14:05:30 · -5 and +30 (minutes from now).
   A time without a day is the one nearest to now. */

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const CLOCK = /^(\d{1,2}):?(\d{2})(?::(\d{2}))?$/
const FULL = /^(?:(\d{4})[-/.])?(\d{1,2})[-/.](\d{1,2})[ T]+(\d{1,2}):?(\d{2})(?::(\d{2}))?$/
const MINUTES = /^([+-])(\d{1,4})$/

interface Wall { year: number; month: number; day: number; hour: number; minute: number; second: number }

const formats = new Map<string, Intl.DateTimeFormat>()
function wall_of(at_ms: number, zone: string): Wall {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric',
      day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(at_ms).map((part) => [part.type, Number(part.value)]))
  return parts as unknown as Wall
}
function utc_of(wall: Wall): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second)
}

/* The instant of a wall clock; inside a gap of summer time the one after it. null: no such date. */
function instant_of(wall: Wall, zone: string): number | null {
  const as_utc = utc_of(wall)
  const back = new Date(as_utc)
  if (back.getUTCMonth() + 1 !== wall.month || back.getUTCDate() !== wall.day || wall.hour > 23 || wall.minute > 59 || wall.second > 59) return null
  /* The zone's offset a day before and a day after: one of the two holds, inside a gap neither. */
  const tries = [-DAY_MS, DAY_MS].map((shift) => as_utc - (utc_of(wall_of(as_utc + shift, zone)) - as_utc - shift))
  return tries.find((one) => utc_of(wall_of(one, zone)) === as_utc) ?? Math.max(...tries)
}

/* Milliseconds since 1970, whole seconds; null when the text is not a time. */
export function when_read(text: string, now_ms: number, zone: string): number | null {
  const typed = text.trim().replaceAll('：', ':')
  const now = Math.floor(now_ms / 1000) * 1000
  const minutes = MINUTES.exec(typed)
  if (minutes) return now + (minutes[1] === '-' ? -1 : 1) * Number(minutes[2]) * MINUTE_MS
  const clock = CLOCK.exec(typed)
  if (clock) {
    const tries = [-DAY_MS, 0, DAY_MS].map((shift) => {
      const { year, month, day } = wall_of(now + shift, zone)
      return instant_of({ year, month, day, hour: Number(clock[1]), minute: Number(clock[2]), second: Number(clock[3] ?? 0) }, zone)
    })
    return tries.reduce((best, one) => one !== null && (best === null || Math.abs(one - now) < Math.abs(best - now)) ? one : best, null)
  }
  const full = FULL.exec(typed)
  if (!full) return null
  return instant_of({ year: Number(full[1] ?? wall_of(now, zone).year), month: Number(full[2]), day: Number(full[3]),
    hour: Number(full[4]), minute: Number(full[5]), second: Number(full[6] ?? 0) }, zone)
}

/* 2026-11-23 14:05:30, which when_read reads back. */
export function when_text(at_ms: number, zone: string): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const w = wall_of(at_ms, zone)
  return `${w.year}-${two(w.month)}-${two(w.day)} ${two(w.hour)}:${two(w.minute)}:${two(w.second)}`
}

/* Sends where the unit is, only while the switch is on and the unit is on duty. Never queued: an old
   place is of no use, and no track is kept on the device. */
import { ref } from 'vue'
import { call } from '../base/api'
import { now_ms } from '../base/clock'
import type { Place } from '../base/types'

const EVERY_MS = 4000
export const is_on = ref(false)
export const here = ref<Place | null>(null)
export const sent_at = ref(0)
export const trouble = ref<'' | 'denied' | 'unavailable'>('')
let watching = 0
let last_ms = 0
let due = 0

function take(unit: string, fix: GeolocationPosition): void {
  trouble.value = ''
  const place = { lat: Number(fix.coords.latitude.toFixed(7)), lon: Number(fix.coords.longitude.toFixed(7)) }
  here.value = place
  const body: Record<string, unknown> = { place, accuracy_m: Math.round(fix.coords.accuracy) }
  if (fix.coords.speed !== null && fix.coords.speed >= 0) body.speed_mm_s = Math.round(fix.coords.speed * 1000)
  if (fix.coords.heading !== null && Number.isFinite(fix.coords.heading)) body.course_cdeg = Math.round(fix.coords.heading * 100) % 36000
  /* A unit that has stopped gives no further fix: its last one waits for its turn. */
  clearTimeout(due)
  due = window.setTimeout(() => send(unit, body), Math.max(0, last_ms + EVERY_MS - Date.now()))
}
function send(unit: string, body: Record<string, unknown>): void {
  last_ms = Date.now()
  const at = new Date(now_ms()).toISOString()
  call('POST', `/units/${unit}/position`, { body: { ...body, at } }).then(() => { sent_at.value = Date.now() }).catch(() => { /* the next one will do */ })
}

export function position_start(unit: string): void {
  if (watching || !('geolocation' in navigator)) { if (!watching) trouble.value = 'unavailable'; return }
  is_on.value = true
  watching = navigator.geolocation.watchPosition((fix) => take(unit, fix),
    (error) => { trouble.value = error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable' },
    { enableHighAccuracy: true, maximumAge: 2000 })
}
export function position_stop(): void {
  if (watching) navigator.geolocation.clearWatch(watching)
  clearTimeout(due)
  watching = 0
  is_on.value = false
  here.value = null
  trouble.value = ''
}

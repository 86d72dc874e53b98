/* What other panes ask of the map. The map never jumps under the hand: a gesture locks the view
   until somebody asks for the whole again. */
import { reactive, ref, shallowRef, watch } from 'vue'
import type { Place } from '../base/types'
import { room_on, room_share, room_tell } from './room'

export type Tool = 'none' | 'point' | 'line' | 'area'
/* What is drawn by clicks: a line along streets, or an area with the streets inside it. */
export type Path = GeoJSON.LineString | GeoJSON.Polygon
export const tool = ref<Tool>('none')
export const tool_prompt = ref('')

let point_done: ((place: Place | null) => void) | null = null
let path_done: ((path: Path | null) => void) | null = null

/* Waits for one click on the map; null when given up. */
export function pick_point(prompt: string): Promise<Place | null> {
  tool_cancel()
  tool.value = 'point'
  tool_prompt.value = prompt
  return new Promise((done) => { point_done = done })
}
/* Waits for some clicks; Enter or a double click ends the line or the area. */
export function pick_path(prompt: string): Promise<Path | null> {
  tool_cancel()
  tool.value = 'line'
  tool_prompt.value = prompt
  return new Promise((done) => { path_done = done })
}
export function tool_point(place: Place): void {
  const done = point_done
  if (!done) room_tell('point', place)
  tool_cancel(false)
  done?.(place)
}
export function tool_path(path: Path): void {
  const done = path_done
  if (!done) room_tell('path', path)
  tool_cancel(false)
  done?.(path)
}
export function tool_cancel(is_given_up = true): void {
  const [point, path] = [point_done, path_done]
  point_done = null
  path_done = null
  tool.value = 'none'
  if (is_given_up) { point?.(null); path?.(null) }
}

/* ---- what is drawn ---- */
export const shown = reactive({ areas: true, posts: true, circles: false, closures: true, hazards: true, off_duty: false, cover: false })
/* What the circles are of. `at`: with the closures and speeds of that time instead of those of now;
   `day` and `hour`: with the speeds of that hour of the week. */
export const circles = reactive({ profile: 'response', from: 'posts', busy: 'in', shape: 'areas', at: '', day: '', hour: '08' })
export const route = shallowRef<GeoJSON.Feature | null>(null)
/* A point under talk: the place of the form that is open. */
export const draft = shallowRef<{ place: Place; accuracy_m?: number } | null>(null)

/* ---- where it looks ---- */
export const wanted = shallowRef<{ points: Place[]; is_forced: boolean; n: number }>({ points: [], is_forced: false, n: 0 })
/* Look at these points: at once when forced, else only while no gesture has locked the view. */
export function look_at(points: Place[], is_forced = false): void {
  wanted.value = { points, is_forced, n: wanted.value.n + 1 }
}
export const is_locked = ref(false)

/* ---- the map in a window of its own: who asks for a point and who clicks it are two windows ---- */
room_share('tool', tool)
room_share('tool_prompt', tool_prompt)
room_share('route', route)
room_share('draft', draft)
room_share('wanted', wanted)
room_on('point', tool_point)
room_on('path', tool_path)
watch(tool, (now) => { if (now === 'none' && (point_done || path_done)) tool_cancel() })

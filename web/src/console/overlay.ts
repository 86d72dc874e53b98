/* What lies over the base map of the desk: areas, circles, closures, posts, signals, incidents,
   units, the way of a pick. One GeoJSON source each, fed from the store. */
import type { ExpressionSpecification, GeoJSONSource, Map as GlMap } from 'maplibre-gl'
import { list } from '../base/api'
import { age_s, now } from '../base/clock'
import { theme } from '../base/theme'
import type { Area, Place } from '../base/types'
import { marks_add } from '../map/marks'
import { FONT, label_colours } from '../map/style'
import { rows } from '../store/rows'
import {
  chosen_incident, chosen_unit, incident_place, incidents, POSITION_LIMITS, signals, unit_place, unit_status, units,
} from './desk'
import { hazard_letter, hazards } from './hazards'
import { shown } from './mapctl'

type Collection = GeoJSON.FeatureCollection
const none: Collection = { type: 'FeatureCollection', features: [] }
const SOURCES = ['areas', 'circles', 'closures', 'hazards', 'posts', 'signals', 'incidents', 'units', 'route', 'draft'] as const
/* Level of area, zoom from which its border shows, zoom at which its name gives way to the next. */
const AREA_LEVELS: [number, number, number][] = [[2, 0, 12.8], [3, 12.2, 14.4], [4, 13.8, 16.5]]
const LIMIT_COLOUR: ExpressionSpecification = ['match', ['get', 'limit_s'], 60, '#0f8a4f', 180, '#d9a400', '#d9622b']
const SHOWN_STAGES = ['received', 'pending', 'open', 'controlled', 'reopened', 'scheduled']

function point(place: Place, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: [place.lon, place.lat] }, properties }
}

export function overlay_add(map: GlMap): void {
  marks_add(map)
  for (const id of SOURCES) map.addSource(id, { type: 'geojson', data: none })
  const { text, halo } = label_colours(theme.value)
  const label = { 'text-color': text, 'text-halo-color': halo, 'text-halo-width': 1.8 }
  for (const [level, minzoom] of AREA_LEVELS) {
    map.addLayer({ id: `areas-${level}`, type: 'line', source: 'areas', minzoom, filter: ['==', ['get', 'level'], level], paint: {
      'line-color': theme.value === 'dark' ? '#8d7fb8' : '#7a67ad', 'line-width': 2.6 - level * 0.45,
      'line-dasharray': [4, 2.5], 'line-opacity': 0.7 } })
  }
  map.addLayer({ id: 'circles-fill', type: 'fill', source: 'circles', filter: ['==', ['geometry-type'], 'Polygon'],
    layout: { 'fill-sort-key': ['-', 0, ['get', 'limit_s']] }, paint: { 'fill-color': LIMIT_COLOUR, 'fill-opacity': 0.13 } })
  map.addLayer({ id: 'circles', type: 'line', source: 'circles',
    layout: { 'line-cap': 'round', 'line-sort-key': ['-', 0, ['get', 'limit_s']] }, paint: {
    'line-color': LIMIT_COLOUR,
    'line-width': ['interpolate', ['linear'], ['zoom'], 11, 1.4, 16, 4], 'line-opacity': 0.75 } })
  map.addLayer({ id: 'route-edge', type: 'line', source: 'route', layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': '#ffffff', 'line-width': 9, 'line-opacity': 0.9 } })
  map.addLayer({ id: 'route', type: 'line', source: 'route', layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': '#0b5fd7', 'line-width': 5.2 } })
  map.addLayer({ id: 'closures-fill', type: 'fill', source: 'closures', filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': '#c3161c', 'fill-opacity': ['case', ['get', 'is_planned'], 0.07, 0.18] } })
  map.addLayer({ id: 'closures-edge', type: 'line', source: 'closures', layout: { 'line-cap': 'round' },
    paint: { 'line-color': '#ffffff', 'line-width': 8 } })
  map.addLayer({ id: 'closures', type: 'line', source: 'closures',
    paint: { 'line-color': '#c3161c', 'line-width': 5, 'line-dasharray': [1.4, 1], 'line-opacity': ['case', ['get', 'is_planned'], 0.4, 1] } })
  for (const [level, minzoom, maxzoom] of AREA_LEVELS) {
    map.addLayer({ id: `area-names-${level}`, type: 'symbol', source: 'areas', minzoom, maxzoom, filter: ['==', ['get', 'level'], level],
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 15 - level, 'text-padding': 14 },
      paint: { ...label, 'text-color': theme.value === 'dark' ? '#b9aae6' : '#5a4691' } })
  }
  map.addLayer({ id: 'hazards-fill', type: 'fill', source: 'hazards', filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': '#f2bd2c', 'fill-opacity': 0.25 } })
  map.addLayer({ id: 'hazards', type: 'circle', source: 'hazards', minzoom: 12.5, filter: ['==', ['geometry-type'], 'Point'], paint: {
    'circle-radius': 9, 'circle-color': '#f2bd2c', 'circle-stroke-color': '#2b2000', 'circle-stroke-width': 2 } })
  map.addLayer({ id: 'hazard-letters', type: 'symbol', source: 'hazards', minzoom: 12.5, filter: ['==', ['geometry-type'], 'Point'],
    layout: { 'text-field': ['get', 'letter'], 'text-font': FONT, 'text-size': 12, 'text-allow-overlap': true }, paint: { 'text-color': '#2b2000' } })
  map.addLayer({ id: 'posts', type: 'symbol', source: 'posts', minzoom: 11, layout: {
    'icon-image': ['case', ['get', 'is_fictional'], 'post-fictional', 'post'], 'icon-allow-overlap': true,
    'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.62, 14, 0.95],
    'text-field': ['step', ['zoom'], '', 14.2, ['get', 'name']], 'text-font': FONT, 'text-size': 11,
    'text-offset': [0, 1.2], 'text-anchor': 'top', 'text-optional': true },
  paint: { ...label, 'icon-opacity': theme.value === 'dark' ? 0.72 : 0.9 } })
  add_moving(map, label)
  map.addLayer({ id: 'draft-line', type: 'line', source: 'draft', filter: ['==', ['geometry-type'], 'LineString'],
    paint: { 'line-color': '#c3161c', 'line-width': 4, 'line-dasharray': [1.5, 1] } })
  map.addLayer({ id: 'draft-point', type: 'circle', source: 'draft', filter: ['==', ['geometry-type'], 'Point'], paint: {
    'circle-radius': 8, 'circle-color': 'rgba(11,95,215,.25)', 'circle-stroke-color': '#0b5fd7', 'circle-stroke-width': 2.5 } })
}

function add_moving(map: GlMap, label: Record<string, unknown>): void {
  map.addLayer({ id: 'units', type: 'symbol', source: 'units', layout: {
    'icon-image': ['concat', 'unit-', ['get', 'status'], ['case', ['get', 'chosen'], '-chosen', '']],
    'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.62, 14, 0.95],
    'text-field': ['step', ['zoom'], '', 13.2, ['get', 'callsign']], 'text-font': FONT, 'text-size': 11.5,
    'text-offset': [0, 1.15], 'text-anchor': 'top', 'text-optional': true, 'symbol-sort-key': ['get', 'order'] },
  paint: { ...label, 'icon-opacity': ['get', 'opacity'], 'text-opacity': ['get', 'opacity'] } })
  map.addLayer({ id: 'signals', type: 'symbol', source: 'signals', layout: {
    'icon-image': 'signal', 'icon-allow-overlap': true } })
  map.addLayer({ id: 'incidents', type: 'symbol', source: 'incidents', layout: {
    'icon-image': ['concat', 'incident-', ['get', 'priority'], ['get', 'state']],
    'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-anchor': 'bottom',
    'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.8, 14, 1],
    'text-field': ['step', ['zoom'], '', 13.2, ['get', 'label']], 'text-font': FONT, 'text-size': 12,
    'text-offset': [1.5, -2], 'text-anchor': 'left', 'text-optional': true, 'symbol-sort-key': ['get', 'order'] }, paint: label })
}

function set(map: GlMap, id: (typeof SOURCES)[number], features: GeoJSON.Feature[]): void {
  map.getSource<GeoJSONSource>(id)?.setData({ type: 'FeatureCollection', features })
}

function opacity_of(age: number): number {
  if (Number.isNaN(age) || age < POSITION_LIMITS[0]) return 1
  return age < POSITION_LIMITS[1] ? 0.65 : 0.4
}

function unit_features(): GeoJSON.Feature[] {
  const features: GeoJSON.Feature[] = []
  for (const unit of units.value) {
    const status = unit_status(unit)
    if (status === 'off_duty' && !shown.off_duty) continue
    const at = unit_place(unit)
    if (!at) continue
    features.push(point(at.place, {
      id: unit.id, callsign: unit.callsign, status, chosen: unit.id === chosen_unit.value,
      opacity: opacity_of(age_s(at.at, now.value)), order: status === 'available' ? 1 : 2,
    }))
  }
  return features
}

function incident_features(): GeoJSON.Feature[] {
  const features: GeoJSON.Feature[] = []
  for (const incident of incidents.value) {
    const place = incident_place(incident)
    const is_chosen = incident.id === chosen_incident.value
    if (!place || (!SHOWN_STAGES.includes(incident.stage) && !is_chosen)) continue
    const is_waiting = ['received', 'pending', 'reopened'].includes(incident.stage)
    features.push(point(place, {
      id: incident.id, priority: incident.priority, state: is_chosen ? '-chosen' : is_waiting ? '-waiting' : '',
      label: `#${incident.id.slice(incident.id.lastIndexOf('-') + 1)}`, order: is_chosen ? 99 : 9 - Number(incident.priority.slice(1)),
    }))
  }
  return features
}

function hazard_features(): GeoJSON.Feature[] {
  const features: GeoJSON.Feature[] = []
  if (!shown.hazards) return features
  for (const h of hazards.value) {
    features.push(point(h.place, { letter: hazard_letter(h.kind) }))
    if (h.shape) features.push({ type: 'Feature', geometry: h.shape, properties: {} })
  }
  return features
}

export function overlay_feed_desk(map: GlMap): void {
  set(map, 'hazards', hazard_features())
  set(map, 'units', unit_features())
  set(map, 'incidents', incident_features())
  set(map, 'signals', signals.value.filter((s) => s.place).map((s) => point(s.place!, { id: s.id })))
  set(map, 'posts', shown.posts ? [...rows('post').values()].map((p) =>
    point(p.place, { name: p.name, is_fictional: !!p.is_fictional })) : [])
  set(map, 'closures', shown.closures ? [...rows('closure').values()].filter((c) => !c.lifted_us)
    .map((c) => ({ type: 'Feature', geometry: c.path, properties: { id: c.id, is_planned: Date.parse(c.from_us) > now.value } })) : [])
}

let areas: GeoJSON.Feature[] | null = null
/* Shapes are large and seldom change: fetched once, when first shown. */
export async function overlay_feed_areas(map: GlMap, is_shown: boolean): Promise<void> {
  if (is_shown && !areas) {
    const found = await list<Area>('/areas?limit=200', 1000).catch(() => [])
    areas = found.filter((a) => a.shape && a.level >= 2 && a.level <= 4)
      .map((a) => ({ type: 'Feature', geometry: a.shape!, properties: { name: a.name, level: a.level } }))
  }
  set(map, 'areas', is_shown ? areas ?? [] : [])
}
export function overlay_feed_circles(map: GlMap, data: Collection): void {
  map.getSource<GeoJSONSource>('circles')?.setData(data)
}
export function overlay_feed_route(map: GlMap, found: GeoJSON.Feature | null): void {
  set(map, 'route', found ? [found] : [])
}
export function overlay_draft(map: GlMap, draft: { place: Place } | null, line: [number, number][], is_area: boolean): void {
  const features: GeoJSON.Feature[] = draft ? [point(draft.place, {})] : []
  if (line.length) {
    features.push(...line.map(([lon, lat]) => point({ lat, lon }, {})))
    if (line.length > 1) features.push({ type: 'Feature', geometry: { type: 'LineString', coordinates: is_area ? [...line, line[0]!] : [...line] }, properties: {} })
  }
  set(map, 'draft', features)
}

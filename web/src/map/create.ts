/* Makes a map of this build: worker from our own origin, no keyboard traps, no rotation. */
import * as maplibregl from 'maplibre-gl'
import worker_url from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import 'maplibre-gl/dist/maplibre-gl.css'
import './map.css'
import { theme } from '../base/theme'
import type { MapMeta } from '../base/types'
import { language, t } from '../i18n'
import { base_style } from './style'

maplibregl.setWorkerUrl(worker_url)

const MAX_ZOOM = 19
const NARROW_PX = 500

export interface MapChoice { tiles?: string; centre?: [number, number]; zoom?: number }

export function map_create(container: HTMLElement, meta: MapMeta, choice: MapChoice = {}): maplibregl.Map {
  const [west, south, east, north] = meta.bounds
  const margin_lon = (east - west) / 2
  const margin_lat = (north - south) / 2
  const options: maplibregl.MapOptions = {
    container,
    style: base_style(meta, theme.value, language(), choice.tiles ?? '/api/v1/tiles/base'),
    maxZoom: MAX_ZOOM,
    maxBounds: [west - margin_lon, south - margin_lat, east + margin_lon, north + margin_lat],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
  }
  if (choice.centre) Object.assign(options, { center: choice.centre, zoom: choice.zoom ?? 16 })
  else Object.assign(options, { bounds: meta.bounds, fitBoundsOptions: { padding: 20 } })
  const map = new maplibregl.Map(options)
  map.touchZoomRotate.disableRotation()
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'bottom-right')
  map.addControl(new maplibregl.AttributionControl({ compact: true }), 'bottom-left')
  map.addControl(new maplibregl.ScaleControl({ unit: 'metric' }), 'bottom-left')
  if (container.clientWidth < NARROW_PX) {
    map.once('load', () => container.querySelector('.maplibregl-ctrl-attrib')?.classList.remove('maplibregl-compact-show'))
  }
  map_words(map)
  return map
}

/* Names the map's own buttons in the page's language; call again when that changes. */
export function map_words(map: maplibregl.Map): void {
  const words: Record<string, string> = {
    '.maplibregl-ctrl-zoom-in': 'map.zoom_in', '.maplibregl-ctrl-zoom-out': 'map.zoom_out',
    '.maplibregl-ctrl-attrib-button': 'map.attribution', '.maplibregl-canvas': 'map.title',
  }
  for (const [selector, key] of Object.entries(words)) {
    const element = map.getContainer().querySelector(selector)
    element?.setAttribute('aria-label', t(key))
    if (element?.hasAttribute('title')) element.setAttribute('title', t(key))
  }
}
export { maplibregl }

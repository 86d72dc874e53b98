/* The base map: streets only, drawn so that what happens on them stands out. No glyphs and no
   sprite files: text is drawn from the system's fonts, marks are drawn by marks.ts. */
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { MapMeta } from '../base/types'
import type { Language } from '../i18n'
import type { Theme } from '../base/theme'

export const FONT = ['Noto Sans CJK SC', 'sans-serif']

interface Palette {
  ground: string; water: string; casing: string; minor: string; middle: string; major: string
  motorway: string; path: string; label: string; halo: string
}

const PALETTES: Record<Theme, Palette> = {
  light: {
    ground: '#dfe5ec', water: '#bfd5e7', casing: '#b7c3d1', minor: '#ffffff', middle: '#ffffff',
    major: '#fbeecb', motorway: '#f3d489', path: '#d3dae3', label: '#3f4b5a', halo: '#ffffff',
  },
  dark: {
    ground: '#10151c', water: '#0b1b2b', casing: '#090d12', minor: '#2a3442', middle: '#344152',
    major: '#455266', motorway: '#5a6270', path: '#1c242e', label: '#a9b6c6', halo: '#0c1117',
  },
}

const SMALL = ['residential', 'unclassified', 'living_street', 'service', 'road', 'busway', 'pedestrian']
const PATHS = ['footway', 'path', 'steps', 'cycleway', 'track', 'bridleway']

function in_class(...names: string[]): ExpressionSpecification {
  return ['in', ['get', 'class'], ['literal', names]]
}
function widths(z10: number, z14: number, z18: number): ExpressionSpecification {
  return ['interpolate', ['exponential', 1.5], ['zoom'], 10, z10, 14, z14, 18, z18]
}

interface Road { id: string; classes: string[]; z10: number; z14: number; z18: number; colour: keyof Palette }
const ROADS: Road[] = [
  { id: 'small', classes: SMALL, z10: 0.7, z14: 2.2, z18: 15, colour: 'minor' },
  { id: 'tertiary', classes: ['tertiary'], z10: 0.9, z14: 3.2, z18: 19, colour: 'middle' },
  { id: 'secondary', classes: ['secondary'], z10: 1.2, z14: 4.2, z18: 22, colour: 'middle' },
  { id: 'primary', classes: ['primary'], z10: 1.5, z14: 5, z18: 25, colour: 'major' },
  { id: 'motorway', classes: ['motorway', 'trunk'], z10: 1.6, z14: 6, z18: 28, colour: 'motorway' },
]

function road_layers(p: Palette): LayerSpecification[] {
  const line = (id: string, classes: string[], colour: string, width: ExpressionSpecification): LayerSpecification => ({
    id, type: 'line', source: 'base', 'source-layer': 'transportation', filter: in_class(...classes),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': width },
  })
  const paths = line('road-path', PATHS, p.path, widths(0, 0.8, 4))
  const casings = ROADS.map((r) =>
    line(`casing-${r.id}`, r.classes, p.casing, widths(r.z10 + 0.4, r.z14 + 1.4, r.z18 + 2.5)))
  const fills = ROADS.map((r) => line(`road-${r.id}`, r.classes, p[r.colour], widths(r.z10, r.z14, r.z18)))
  return [paths, ...casings, ...fills]
}

function name_of(language: Language): ExpressionSpecification {
  return language === 'en'
    ? ['coalesce', ['get', 'name:en'], ['get', 'name']]
    : ['coalesce', ['get', 'name:zh'], ['get', 'name']]
}

export function base_style(meta: MapMeta, theme: Theme, language: Language, tiles: string): StyleSpecification {
  const p = PALETTES[theme]
  return {
    version: 8,
    sources: {
      base: {
        type: 'vector', tiles: [`${location.origin}${tiles}/{z}/{x}/{y}.pbf`],
        minzoom: meta.zoom[0], maxzoom: meta.zoom[1], bounds: meta.bounds, attribution: meta.attribution,
      },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': p.ground } },
      { id: 'water', type: 'fill', source: 'base', 'source-layer': 'water', paint: { 'fill-color': p.water } },
      ...road_layers(p),
      {
        id: 'road-name', type: 'symbol', source: 'base', 'source-layer': 'transportation_name', minzoom: 13,
        layout: {
          'symbol-placement': 'line', 'text-field': name_of(language), 'text-font': FONT,
          'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10.5, 17, 13.5],
          'text-max-angle': 30, 'symbol-spacing': 320, 'text-padding': 6,
        },
        paint: { 'text-color': p.label, 'text-halo-color': p.halo, 'text-halo-width': 1.6 },
      },
    ],
  }
}

export function label_colours(theme: Theme): { text: string; halo: string } {
  return theme === 'dark' ? { text: '#e6edf5', halo: '#0c1117' } : { text: '#1c2633', halo: '#ffffff' }
}

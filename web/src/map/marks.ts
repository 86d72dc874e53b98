/* Marks drawn on a canvas: every colour has a shape and a letter, so that none depends on sight of
   colours. Incidents are shapes on a foot, units are shapes without one, posts are small shields. */
import type { Map as GlMap } from 'maplibre-gl'
import { t } from '../i18n'

export type Shape = 'circle' | 'diamond' | 'triangle' | 'square' | 'octagon' | 'shield'
export interface Mark { shape: Shape; fill: string; ink: string }

/* How a unit stands: its readiness, or the stage of what it is working on. */
export const UNIT_MARKS: Record<string, Mark> = {
  reserved: { shape: 'diamond', fill: '#c3cedb', ink: '#1d2a38' },
  available: { shape: 'circle', fill: '#12824c', ink: '#ffffff' },
  sent: { shape: 'diamond', fill: '#8ecbf5', ink: '#0b2a45' },
  seen: { shape: 'diamond', fill: '#2471bd', ink: '#ffffff' },
  en_route: { shape: 'triangle', fill: '#f2bd2c', ink: '#2b2000' },
  staged: { shape: 'square', fill: '#7a4fc4', ink: '#ffffff' },
  on_scene: { shape: 'square', fill: '#c92a2a', ink: '#ffffff' },
  out_of_service: { shape: 'octagon', fill: '#68727f', ink: '#ffffff' },
  off_duty: { shape: 'circle', fill: '#b5bdc8', ink: '#2b333d' },
}

export const PRIORITY_MARKS: Record<string, Mark> = {
  P0: { shape: 'octagon', fill: '#9c0f73', ink: '#ffffff' },
  P1: { shape: 'diamond', fill: '#cf1f25', ink: '#ffffff' },
  P2: { shape: 'triangle', fill: '#e8790c', ink: '#1d0f00' },
  P3: { shape: 'circle', fill: '#2464b4', ink: '#ffffff' },
  P4: { shape: 'square', fill: '#5d6773', ink: '#ffffff' },
}

/* Corner points of each shape in a square of side 2 round the origin; empty means a circle. */
const CORNERS: Record<Shape, [number, number][]> = {
  circle: [],
  diamond: [[0, -1.12], [1.12, 0], [0, 1.12], [-1.12, 0]],
  triangle: [[0, -1.15], [1.15, 0.9], [-1.15, 0.9]],
  square: [[-0.92, -0.92], [0.92, -0.92], [0.92, 0.92], [-0.92, 0.92]],
  octagon: [[-0.42, -1], [0.42, -1], [1, -0.42], [1, 0.42], [0.42, 1], [-0.42, 1], [-1, 0.42], [-1, -0.42]],
  shield: [[-0.85, -0.9], [0.85, -0.9], [0.85, 0.2], [0, 1.05], [-0.85, 0.2]],
}

/* SVG path of a shape in a 24 by 24 box, for badges in lists. */
export function shape_path(shape: Shape): string {
  const corners = CORNERS[shape]
  if (!corners.length) return 'M12 2.2a9.8 9.8 0 1 0 0 19.6a9.8 9.8 0 1 0 0-19.6z'
  const points = corners.map(([x, y]) => `${(12 + x * 9.6).toFixed(1)} ${(12 + y * 9.6).toFixed(1)}`)
  return `M${points.join('L')}z`
}

const RATIO = 2

function trace(g: CanvasRenderingContext2D, shape: Shape, x: number, y: number, r: number): void {
  g.beginPath()
  const corners = CORNERS[shape]
  if (!corners.length) g.arc(x, y, r, 0, 2 * Math.PI)
  corners.forEach(([dx, dy], i) => i ? g.lineTo(x + dx * r, y + dy * r) : g.moveTo(x + dx * r, y + dy * r))
  g.closePath()
}

interface Drawing { size: number; radius: number; mark: Mark; text: string; has_foot: boolean; is_dashed: boolean; ring?: string }

function draw(d: Drawing): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = d.size * RATIO
  canvas.height = d.size * RATIO
  const g = canvas.getContext('2d', { willReadFrequently: true })!
  g.scale(RATIO, RATIO)
  g.lineJoin = 'round'
  const x = d.size / 2
  const y = d.has_foot ? d.size / 2 - 4 : d.size / 2
  if (d.ring) {
    trace(g, d.mark.shape, x, y, d.radius + 4)
    g.strokeStyle = d.ring
    g.lineWidth = 2.2
    g.stroke()
  }
  if (d.has_foot) {
    g.beginPath()
    g.moveTo(x, y + d.radius - 2)
    g.lineTo(x, d.size - 2)
    g.strokeStyle = '#ffffff'
    g.lineWidth = 5
    g.stroke()
    g.strokeStyle = d.mark.fill
    g.lineWidth = 2.6
    g.stroke()
  }
  trace(g, d.mark.shape, x, y, d.radius)
  g.strokeStyle = 'rgba(10,20,35,.35)'
  g.lineWidth = 4.4
  g.stroke()
  g.strokeStyle = '#ffffff'
  g.lineWidth = 3
  g.stroke()
  g.fillStyle = d.mark.fill
  g.fill()
  if (d.is_dashed) {
    g.setLineDash([2.5, 2])
    g.strokeStyle = d.mark.fill
    g.lineWidth = 1.6
    g.stroke()
    g.setLineDash([])
  }
  g.fillStyle = d.mark.ink
  g.font = `700 ${Math.round(d.radius * 1.14)}px "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif`
  g.textAlign = 'center'
  g.textBaseline = 'middle'
  const drop = d.mark.shape === 'triangle' ? d.radius * 0.24 : 0
  g.fillText(d.text, x, y + drop + 0.5)
  return g.getImageData(0, 0, canvas.width, canvas.height)
}

function put(map: GlMap, id: string, image: ImageData): void {
  if (map.hasImage(id)) map.updateImage(id, image)
  else map.addImage(id, image, { pixelRatio: RATIO })
}

/* Adds all marks in the page's language; call again after a style or language change. */
export function marks_add(map: GlMap): void {
  for (const [status, mark] of Object.entries(UNIT_MARKS)) {
    const base = { size: 30, radius: 9, mark, text: t(`unit_letter.${status}`), has_foot: false, is_dashed: false }
    put(map, `unit-${status}`, draw(base))
    put(map, `unit-${status}-chosen`, draw({ ...base, size: 34, ring: '#0b5fd7' }))
  }
  for (const [priority, mark] of Object.entries(PRIORITY_MARKS)) {
    const base = { size: 42, radius: 11.5, mark, text: priority.slice(1), has_foot: true, is_dashed: false }
    put(map, `incident-${priority}`, draw(base))
    put(map, `incident-${priority}-waiting`, draw({ ...base, ring: mark.fill }))
    put(map, `incident-${priority}-chosen`, draw({ ...base, ring: '#0b5fd7' }))
  }
  const post: Mark = { shape: 'shield', fill: '#35507a', ink: '#ffffff' }
  put(map, 'post', draw({ size: 24, radius: 8, mark: post, text: t('map.post_letter'), has_foot: false, is_dashed: false }))
  put(map, 'post-fictional', draw({
    size: 24, radius: 8, mark: { shape: 'shield', fill: '#f4f7fb', ink: '#35507a' }, text: t('map.post_letter'),
    has_foot: false, is_dashed: false,
  }))
  const signal: Mark = { shape: 'circle', fill: '#fff3c4', ink: '#5c4300' }
  put(map, 'signal', draw({ size: 28, radius: 9, mark: signal, text: '?', has_foot: false, is_dashed: true }))
}

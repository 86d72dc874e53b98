/* The public door's own small interface: no account, no cookie, nothing kept in the browser. */
import { Problem } from '../base/api'

export interface Category { code: string; zh?: string; en?: string }
export interface PublicMeta {
  city: string; name: { zh: string; en: string }; bounds: [number, number, number, number]
  centre: [number, number]; zoom: [number, number]; attribution?: string; categories: Category[]; contact_key: string
}
export interface Notice { type: string; text: string; day: string }
export interface Notices { notices: Notice[]; counts: { month: string; type: string; count: number }[] }
export interface Followed { stage: string; updated_hour: string; answer?: string }

async function take<T>(answer: Response): Promise<T> {
  const body = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Problem(answer.status, body)
  return body as T
}
async function send<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(`/api/public${path}`, { ...init, credentials: 'omit', referrerPolicy: 'no-referrer' })
  } catch { throw new Problem(0) }
  return take<T>(answer)
}

export function public_meta(): Promise<PublicMeta> { return send('/meta', {}) }
export function public_notices(): Promise<Notices> { return send('/notices', {}) }
export function public_report(body: unknown, key: string): Promise<{ code: string }> {
  return send('/reports', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body: JSON.stringify(body) })
}
export function public_photo(photo: Blob, key: string): Promise<{ blob: string }> {
  return send('/photos', { method: 'POST', headers: { 'Content-Type': photo.type, 'Idempotency-Key': key }, body: photo })
}
export function public_follow(code: string): Promise<Followed> { return send(`/reports/${encodeURIComponent(code)}`, {}) }

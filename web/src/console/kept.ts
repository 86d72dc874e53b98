/* What this tab keeps for its user, so that a reload or a crash of the page costs nothing: values by
   name, in this tab only. Another user's is deleted unseen. */
import { session } from '../base/session'

const key_of = (name: string): string => `anwang.kept.${name}`

export function keep(name: string, value: unknown): void {
  const user = session.value?.user.id
  if (user) sessionStorage.setItem(key_of(name), JSON.stringify({ user, value }))
}
export function kept<T>(name: string): T | null {
  const text = sessionStorage.getItem(key_of(name))
  if (!text) return null
  const { user, value } = JSON.parse(text) as { user: string; value: T }
  if (user === session.value?.user.id) return value
  kept_drop(name)
  return null
}
export function kept_drop(name: string): void { sessionStorage.removeItem(key_of(name)) }

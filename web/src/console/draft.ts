/* The form for a call as far as it was filled, kept by this tab only, so that a reload or a crash of the
   page costs nothing that a caller said. It goes when the form is sent or given up. */
import { session } from '../base/session'
import type { IntakeStart } from './desk'

const KEY = 'anwang.intake'

export interface Draft { user: string; start: IntakeStart; values: Record<string, unknown> }

export function draft_keep(start: IntakeStart, values: Record<string, unknown>): void {
  const user = session.value?.user.id
  if (user) sessionStorage.setItem(KEY, JSON.stringify({ user, start: { ...start, values: undefined }, values }))
}
/* That of this user; another one's is deleted unseen. */
export function draft_kept(): Draft | null {
  const text = sessionStorage.getItem(KEY)
  if (!text) return null
  const draft = JSON.parse(text) as Draft
  if (draft.user === session.value?.user.id) return draft
  draft_drop()
  return null
}
export function draft_drop(): void { sessionStorage.removeItem(KEY) }

/* The form for a call as far as it was filled. It goes when the form is sent or given up. */
import type { IntakeStart } from './desk'
import { keep, kept, kept_drop } from './kept'

const NAME = 'intake'

export interface Draft { start: IntakeStart; values: Record<string, unknown> }

export function draft_keep(start: IntakeStart, values: Record<string, unknown>): void {
  keep(NAME, { start: { ...start, values: undefined }, values })
}
export function draft_kept(): Draft | null { return kept<Draft>(NAME) }
export function draft_drop(): void { kept_drop(NAME) }

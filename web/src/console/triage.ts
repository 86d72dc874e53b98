/* What the answers so far propose, shown while the caller still speaks. The desk itself decides by
   the same rules of the type; its word is the one that is kept. */
import type { TypeDocument } from '../store/catalogue'

export interface Proposal { priority: string; plan: string }

/* The most urgent rule that the answers meet gives priority and plan; without one the type's own. */
export function proposal_of(type: TypeDocument | undefined, answers: Record<string, string>): Proposal {
  const own = type?.priority ?? ''
  let priority = ''
  let plan = type?.plan ?? ''
  for (const question of type?.questions ?? []) {
    for (const rule of question.rules ?? []) {
      const ruled = rule.priority ?? own
      if (rule.answer !== answers[question.code] || (priority && ruled >= priority)) continue
      priority = ruled
      if (rule.plan) plan = rule.plan
    }
  }
  return { priority: priority || own, plan }
}

/* What the answers so far propose, shown while the caller still speaks. The desk itself decides by
   the same table of the type; its word is the one that is kept. */
import type { TypeDocument } from '../store/catalogue'

export interface Proposal { priority: string; plan: string }

export function proposal_of(type: TypeDocument | undefined, answers: Record<string, string>): Proposal {
  const made: Proposal = { priority: type?.priority ?? '', plan: type?.plan ?? '' }
  for (const question of type?.questions ?? []) {
    const answer = question.answers?.find((one) => one.code === answers[question.code])
    if (answer?.priority && (!made.priority || answer.priority < made.priority)) made.priority = answer.priority
    if (answer?.plan) made.plan = answer.plan
  }
  return made
}

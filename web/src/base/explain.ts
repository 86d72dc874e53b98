import { Problem } from './api'
import { t, te, word } from '../i18n'

/* A refusal of the page's own: its message says to the reader what to do instead. */
export class Refusal extends Error {}

/* What went wrong and what to do now, in the reader's language. */
export function explain(error: unknown): string {
  if (error instanceof Refusal) return error.message
  if (!(error instanceof Problem)) return t('problem.unknown')
  const parts: string[] = []
  if (error.field) {
    const field = te(`field.${error.field}`) ? t(`field.${error.field}`) : error.field
    parts.push(t('problem.field', { field }))
  }
  const key = `problem.s${error.status}`
  parts.push(te(key) ? t(key) : t('problem.other', { status: error.status }))
  if (error.legal?.length) {
    parts.push(t('problem.legal', { list: error.legal.map((verb) => word('verb', verb)).join(t('comma')) }))
  }
  return parts.join(' ')
}

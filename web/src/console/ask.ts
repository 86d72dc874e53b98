/* Small forms asked in one dialog: which fields, and what to send. The dialog stays open with the
   text kept until the server has accepted. */
import { shallowRef } from 'vue'

export interface AskField {
  name: string
  label: string
  kind: 'text' | 'words' | 'choice' | 'number' | 'time' | 'check'
  options?: { value: string; label: string }[]
  is_needed?: boolean
  /* Of a time: milliseconds since 1970. */
  value?: unknown
  hint?: string
  /* May be typed freely beside the options. */
  is_open?: boolean
}

export interface Ask {
  title: string
  note?: string
  fields: AskField[]
  button: string
  is_danger?: boolean
  submit: (values: Record<string, unknown>) => Promise<unknown>
  done?: () => void
}

export const asked = shallowRef<Ask | null>(null)
export function ask(what: Ask): void { asked.value = what }

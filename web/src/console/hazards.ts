/* Hazards of places: what the desk does with them. */
import { computed } from 'vue'
import { now_slow } from '../base/clock'
import type { Hazard, Place } from '../base/types'
import { named, t } from '../i18n'
import { rows } from '../store/rows'
import { act } from './acts'
import { ask, type AskField } from './ask'
import { view } from './desk'
import { pick_point } from './mapctl'

const kinds = computed(() => [...rows('hazard_kind').values()].sort((a, b) => a.code.localeCompare(b.code)))
export function hazard_name(code: string): string {
  const kind = kinds.value.find((one) => one.code === code)
  return kind ? named({ zh: kind.name_zh, en: kind.name_en }) : code
}
export function hazard_letter(code: string): string { return kinds.value.find((one) => one.code === code)?.letter ?? '!' }
export const hazards = computed<Hazard[]>(() => [...rows('hazard').values()]
  .filter((h) => !h.lifted_us && Date.parse(h.until_us) > now_slow.value).sort((a, b) => b.set_us.localeCompare(a.set_us)))

const note = (value?: string): AskField => ({ name: 'note', label: t('hazard.note'), kind: 'text', is_needed: true, value, hint: t('hazard.note_hint') })
const ground = (label: string): AskField => ({ name: 'ground', label, kind: 'text', is_needed: true })
const until = (value?: string): AskField => ({ name: 'until_us', label: t('field.until'), kind: 'time', value: value ? Date.parse(value) : undefined })

export function hazard_add(place: Place, address?: string): void {
  ask({
    title: t('hazard.add'), button: t('save'), note: t('hazard.card_line'),
    fields: [
      { name: 'kind', label: t('hazard.kind'), kind: 'choice', is_needed: true, options: kinds.value.map((k) => ({ value: k.code, label: `${k.letter} ${hazard_name(k.code)}` })) },
      note(), ground(t('hazard.ground')),
      { name: 'address', label: t('field.address'), kind: 'text', value: address }, until(),
    ],
    submit: (values) => act('/hazards', { ...values, place }),
  })
}
/* The place is pressed on the map first. */
export async function hazard_add_picked(): Promise<void> {
  view.value = 'desk'
  const place = await pick_point(t('hazard.pick'))
  if (place) hazard_add(place)
}
export function hazard_amend(h: Hazard): void {
  ask({
    title: `${t('hazard.amend')}: ${hazard_name(h.kind)}`, button: t('save'),
    fields: [note(h.note), ground(t('hazard.amend_ground')), { name: 'address', label: t('field.address'), kind: 'text', value: h.address }, until(h.until_us)],
    submit: (values) => act(`/hazards/${h.id}/amend`, values, h.seq),
  })
}
export function hazard_lift(h: Hazard): void {
  ask({
    title: `${t('hazard.lift')}: ${hazard_name(h.kind)}`, button: t('hazard.lift'), is_danger: true,
    fields: [{ name: 'reason', label: t('field.reason'), kind: 'text', is_needed: true }],
    submit: (values) => act(`/hazards/${h.id}/lift`, values),
  })
}

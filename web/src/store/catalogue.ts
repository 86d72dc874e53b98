/* What changes seldom: incident types, plans, dispositions, areas, bodies. Loaded at the start. */
import { computed, shallowRef } from 'vue'
import { get } from '../base/api'
import type { Area, Body, Post } from '../base/types'
import { named, word } from '../i18n'

type Name = string | { zh?: string; en?: string }
export interface Rule { answer: string; priority?: string; plan?: string }
export interface Question {
  code: string; text: Name; kind: 'yes_no' | 'choice' | 'text'
  options?: { code: string; text: Name }[]; rules?: Rule[]
}
export interface Disposition { code: string; text?: Name; name?: Name; is_retired?: boolean }
export interface TypeDocument {
  code: string; version?: number; name: Name; class?: string; priority: string; plan?: string
  questions?: Question[]; dispositions?: Disposition[]
  /* A report of it may be cleared for the public. */
  is_publishable?: boolean
}
export interface PlanDocument { code: string; version?: number; name?: Name }
export interface Coded { code: string; name?: Name }
export interface Catalogue {
  types: TypeDocument[]; plans: PlanDocument[]; dispositions?: Disposition[]
  capabilities?: (string | Coded)[]; unit_kinds?: (string | Coded)[]
  areas: Area[]; bodies: Body[]; posts?: Post[]
}

const EMPTY: Catalogue = { types: [], plans: [], areas: [], bodies: [] }
export const catalogue = shallowRef<Catalogue>(EMPTY)

/* Types and plans come as rows; what counts is the document inside. */
function documents<T extends { code: string }>(rows: (T | { document: T })[]): T[] {
  return rows.map((one) => 'document' in one ? one.document : one)
}

export async function catalogue_load(): Promise<void> {
  const found = { ...EMPTY, ...await get<Catalogue>('/catalogue') }
  catalogue.value = { ...found, types: documents(found.types), plans: documents(found.plans) }
}

export function type_of(code: string | undefined): TypeDocument | undefined {
  return catalogue.value.types.find((type) => type.code === code)
}

export function type_name(code: string | undefined): string {
  return code ? named(type_of(code)?.name, word('category', code)) : ''
}

export function plan_name(code: string | undefined): string {
  const plan = catalogue.value.plans.find((one) => one.code === code)
  return named(plan?.name, code ?? '')
}

function coded(list: (string | Coded)[] | undefined, code: string, group: string): string {
  for (const one of list ?? []) {
    if (typeof one !== 'string' && one.code === code && one.name) return named(one.name, code)
  }
  return word(group, code)
}

export function capability_name(code: string): string {
  return coded(catalogue.value.capabilities, code, 'capability')
}
export function kind_name(code: string): string {
  return coded(catalogue.value.unit_kinds, code, 'unit_kind')
}
/* The outcomes that a type may be closed with. */
export function dispositions_of(type: string): { code: string; name: string }[] {
  return (type_of(type)?.dispositions ?? []).filter((one) => !one.is_retired)
    .map((one) => ({ code: one.code, name: named(one.text ?? one.name, one.code) }))
}

/* An outcome in words; another type's wording when the type itself is not known. */
export function disposition_name(code: string | undefined, type?: string): string {
  if (!code) return ''
  const own = type_of(type)?.dispositions?.find((one) => one.code === code)
  const any = own ?? catalogue.value.types.flatMap((one) => one.dispositions ?? []).find((one) => one.code === code)
  return named(any?.text ?? any?.name, code)
}

/* Types of one class together, for long lists. */
export function types_by_class(): { key: string; types: TypeDocument[] }[] {
  const map = new Map<string, TypeDocument[]>()
  for (const type of catalogue.value.types) {
    const key = type.class ?? 'other'
    map.set(key, [...map.get(key) ?? [], type])
  }
  return [...map].map(([key, types]) => ({ key, types }))
}

const areas_by_id = computed(() => new Map(catalogue.value.areas.map((area) => [area.id, area])))
export function area_of(id: string | undefined): Area | undefined {
  return id ? areas_by_id.value.get(id) : undefined
}

/* Area names from the top down to this one. */
export function area_path(id: string | undefined): string[] {
  const names: string[] = []
  for (let area = area_of(id); area && names.length < 6; area = area_of(area.parent)) names.unshift(area.name)
  return names
}

/* Whether an area is another one or lies in it. */
export function area_has(above: string, id: string | undefined): boolean {
  let area = area_of(id)
  for (let steps = 0; area && steps < 6; steps++, area = area_of(area.parent)) if (area.id === above) return true
  return false
}

export function body_name(id: string | undefined): string {
  return catalogue.value.bodies.find((body) => body.id === id || body.code === id)?.name ?? id ?? ''
}

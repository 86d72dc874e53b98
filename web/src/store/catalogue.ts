/* What changes seldom: incident types, plans, dispositions, areas, bodies. Loaded at the start. */
import { shallowRef } from 'vue'
import { get } from '../base/api'
import type { Area, Body, Post } from '../base/types'
import { named, word } from '../i18n'

type Name = string | { zh?: string; en?: string }
export interface Answer { code: string; name?: Name; priority?: string; plan?: string }
export interface Question { code: string; name?: Name; text?: Name; answers?: Answer[] }
export interface Disposition { code: string; name?: Name }
export interface TypeDocument {
  code: string; version?: number; name: Name; category?: string; group?: Name; priority?: string; plan?: string
  questions?: Question[]; dispositions?: (string | Disposition)[]; is_public?: boolean
}
export interface PlanDocument { code: string; version?: number; name?: Name }
export interface Coded { code: string; name?: Name }
export interface Catalogue {
  types: TypeDocument[]; plans: PlanDocument[]; dispositions?: (string | Disposition)[]
  capabilities?: (string | Coded)[]; unit_kinds?: (string | Coded)[]
  areas: Area[]; bodies: Body[]; posts?: Post[]
}

const EMPTY: Catalogue = { types: [], plans: [], areas: [], bodies: [] }
export const catalogue = shallowRef<Catalogue>(EMPTY)

export async function catalogue_load(): Promise<void> {
  catalogue.value = { ...EMPTY, ...await get<Catalogue>('/catalogue') }
}

export function type_of(code: string | undefined): TypeDocument | undefined {
  return catalogue.value.types.find((type) => type.code === code)
}

export function type_name(code: string | undefined): string {
  return named(type_of(code)?.name, code ?? '')
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
export function disposition_name(code: string | undefined): string {
  return code ? coded(catalogue.value.dispositions, code, 'disposition') : ''
}

/* The outcomes that a type may be closed with; the general list when it names none. */
export function dispositions_of(type: string): { code: string; name: string }[] {
  const own = type_of(type)?.dispositions
  const from = own?.length ? own : catalogue.value.dispositions ?? []
  return from.map((one) => {
    const code = typeof one === 'string' ? one : one.code
    const name = typeof one === 'string' ? disposition_name(one) : named(one.name, code)
    return { code, name }
  })
}

export function area_of(id: string | undefined): Area | undefined {
  return catalogue.value.areas.find((area) => area.id === id)
}

/* Area names from the top down to this one. */
export function area_path(id: string | undefined): string[] {
  const names: string[] = []
  for (let area = area_of(id); area && names.length < 6; area = area_of(area.parent)) names.unshift(area.name)
  return names
}

export function body_name(id: string | undefined): string {
  return catalogue.value.bodies.find((body) => body.id === id || body.code === id)?.name ?? id ?? ''
}

/* The ledger of cover: what idle units reach in time now, and what each unit is worth. Asked of the
   server once, then as it is pushed; a commit's number says which of two is newer. */
import { onBeforeUnmount, shallowRef, watch } from 'vue'
import { get } from '../base/api'
import type { Ledger } from '../base/types'
import { cover } from '../store/push'

export const ledger = shallowRef<Ledger | null>(null)
export const ledger_failed = shallowRef(false)

function take(found: Ledger | null): void {
  if (!found || (ledger.value && found.as_of < ledger.value.as_of)) return
  ledger.value = found
  ledger_failed.value = false
}

/* Follows while the calling component lives. */
export function ledger_follow(): void {
  let is_here = true
  onBeforeUnmount(() => { is_here = false })
  ledger.value = null
  watch(cover, take, { immediate: true })
  get<Ledger>('/cover').then((found) => { if (is_here) take(found) })
    .catch(() => { if (is_here && !ledger.value) ledger_failed.value = true })
}

/* A share of all demand in per cent with one digit; undefined: there is none, or it is nothing. */
export function demand_share(lost: number | undefined, demand: number | undefined): number | undefined {
  return lost && demand ? Math.round(1000 * lost / demand) / 10 : undefined
}

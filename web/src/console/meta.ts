import { shallowRef } from 'vue'
import type { MapMeta } from '../base/types'

export const map_meta = shallowRef<MapMeta>()
export function meta_take(meta: MapMeta): MapMeta {
  map_meta.value = meta
  return meta
}

/* Names of colleagues. Accounts that may not list them see ids where the log gives no name. */
import { list } from '../base/api'
import { session } from '../base/session'
import type { User } from '../base/types'
import { row, row_take, rows, unless_denied } from './rows'

export async function users_load(): Promise<User[]> {
  const found = await list<User>('/users?limit=200').catch(unless_denied<User[]>([]))
  for (const one of found) row_take('user', one)
  return [...rows('user').values()]
}

export function user_name(id: string | undefined): string {
  if (!id) return ''
  if (id === session.value?.user.id) return session.value.user.name
  return row('user', id)?.name ?? id
}

import { shallowRef } from 'vue'
import { call, get, set_csrf, when_session_lost, Problem } from './api'
import { set_zone } from './clock'
import type { Session } from './types'

/* null: nobody is logged in; undefined: not yet known. */
export const session = shallowRef<Session | null | undefined>(undefined)
/* True after a session ended under the user's hands; the page keeps what was typed. */
export const was_lost = shallowRef(false)
/* The session is one that the page remembers; the server has not been reached to confirm it. */
export const is_remembered = shallowRef(false)
/* Kept so that a page without a session does not ask for one in vain. */
const HINT = 'anwang.session'

function take(found: Session): Session {
  session.value = found
  was_lost.value = false
  is_remembered.value = false
  set_csrf(found.csrf)
  set_zone(found.zone)
  localStorage.setItem(HINT, 'yes')
  return found
}

when_session_lost(() => {
  if (session.value) was_lost.value = true
})

export async function session_resume(): Promise<Session | null> {
  if (!localStorage.getItem(HINT)) {
    session.value = null
    return null
  }
  try {
    return take(await get<Session>('/session', { quiet_401: true }))
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error
    localStorage.removeItem(HINT)
    session.value = null
    return null
  }
}

/* Without signal: who was on duty here, until the server can be asked. */
export function session_remember(found: Session): void {
  session.value = found
  is_remembered.value = true
  set_zone(found.zone)
}

export async function session_begin(login: string, password: string): Promise<Session> {
  return take(await call<Session>('POST', '/session', { body: { login, password }, quiet_401: true }))
}

export async function session_end(): Promise<void> {
  try {
    await call('DELETE', '/session', { quiet_401: true })
  } finally {
    localStorage.removeItem(HINT)
    session.value = null
  }
}

/* True for the roles that sit at the desk; the server decides, this only hides what would be refused. */
export function is_desk(): boolean {
  return ['operator', 'commander'].includes(session.value?.user.role ?? '')
}

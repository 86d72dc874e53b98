/* Whether this device keeps the page itself, so that it opens without signal. */
import { ref } from 'vue'

export type Shell = 'pending' | 'kept' | 'refused'
export const shell = ref<Shell>('pending')

/* A browser refuses on a connection that it does not trust: the certificate's authority must be
   installed on the phone. */
export function shell_keep(): void {
  if (!('serviceWorker' in navigator)) { shell.value = 'refused'; return }
  navigator.serviceWorker.register('/field-worker.js', { scope: '/field' })
    .then(() => navigator.serviceWorker.ready)
    .then(() => { shell.value = 'kept' })
    .catch(() => { shell.value = 'refused' })
}

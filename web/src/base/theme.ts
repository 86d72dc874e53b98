import { ref, watchEffect } from 'vue'

export type Theme = 'light' | 'dark'
const KEY = 'anwang.theme'

function first(): Theme {
  const kept = localStorage.getItem(KEY)
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const theme = ref<Theme>(first())
watchEffect(() => document.documentElement.classList.toggle('dark', theme.value === 'dark'))

export function theme_toggle(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEY, theme.value)
}

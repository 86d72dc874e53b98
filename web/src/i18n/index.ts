/* Two languages, complete in both: Simplified Chinese first, English beside it. */
import { createI18n } from 'vue-i18n'
import { watchEffect, type WritableComputedRef } from 'vue'
import common_en from './en/common.json'
import common_zh from './zh-CN/common.json'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
const KEY = 'anwang.language'

function first(): Language {
  const kept = localStorage.getItem(KEY)
  if (kept === 'zh-CN' || kept === 'en') return kept
  return navigator.languages.find((l) => /^(zh|en)/i.test(l))?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

export const i18n = createI18n({
  legacy: false,
  locale: first(),
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': common_zh, en: common_en },
})

/* The global composer, usable outside components. Keys are plain text here: data brings some. */
interface Composer {
  locale: WritableComputedRef<string>
  t: (key: string, values?: Record<string, unknown>) => string
  te: (key: string) => boolean
  mergeLocaleMessage: (locale: string, messages: object) => void
}
const composer = i18n.global as unknown as Composer
export const { t, te } = composer

/* Texts that only some pages need. */
export function i18n_add(zh: object, en: object): void {
  composer.mergeLocaleMessage('zh-CN', zh)
  composer.mergeLocaleMessage('en', en)
}
/* Adds the texts of one page and makes the page's title follow the language. */
export function i18n_page(zh: object, en: object, title_key: string): void {
  i18n_add(zh, en)
  watchEffect(() => {
    document.documentElement.lang = composer.locale.value
    document.title = t(title_key)
  })
}

export function language(): Language { return composer.locale.value as Language }
export function language_set(to: Language): void {
  composer.locale.value = to
  localStorage.setItem(KEY, to)
}
export function language_toggle(): void { language_set(language() === 'en' ? 'zh-CN' : 'en') }

/* A code of an open list (data may bring codes that no dictionary knows): its word, else the code. */
export function word(group: string, code: string | undefined): string {
  if (!code) return ''
  const key = `${group}.${code}`
  return te(key) ? t(key) : code
}

/* A name that data gives in both languages. */
export function named(name: unknown, or = ''): string {
  if (typeof name === 'string') return name
  if (name && typeof name === 'object') {
    const both = name as Record<string, string>
    return (language() === 'en' ? both.en ?? both.zh : both.zh ?? both.en) ?? or
  }
  return or
}

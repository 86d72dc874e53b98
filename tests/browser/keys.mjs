/* Both dictionaries have the same keys, the same placeholders, and no empty text; every event has its words. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { check } from './check.mjs'

const FOLDER = join(import.meta.dirname, '../../web/src/i18n')
const EVENTS = join(import.meta.dirname, '../../src/model/events.h')

function flat(node, path = '', found = {}) {
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'object') flat(value, `${path}${key}.`, found)
    else found[path + key] = value
  }
  return found
}
const holes = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join()

export function keys_checked() {
  const events = [...readFileSync(EVENTS, 'utf8').matchAll(/X\(\d+, (\w+),/g)].map((found) => found[1])
  const named = JSON.parse(readFileSync(join(FOLDER, 'en', 'console.json'), 'utf8')).event
  const nameless = events.filter((event) => !(event in named))
  check('events: each has its words', events.length > 0 && nameless.length === 0, nameless.join(' '))
  for (const name of readdirSync(join(FOLDER, 'en'))) {
    const en = flat(JSON.parse(readFileSync(join(FOLDER, 'en', name), 'utf8')))
    const zh = flat(JSON.parse(readFileSync(join(FOLDER, 'zh-CN', name), 'utf8')))
    const odd = [...Object.keys(en).filter((k) => !(k in zh)), ...Object.keys(zh).filter((k) => !(k in en))]
    check(`${name}: equal key sets`, odd.length === 0, odd.join(' '))
    const wrong = Object.keys(en).filter((k) => k in zh && (holes(en[k]) !== holes(zh[k]) || !en[k] || !zh[k]))
    check(`${name}: equal placeholders, no empty text`, wrong.length === 0, wrong.join(' '))
    const foreign = Object.keys(en).filter((k) => k !== 'other_language' && /\p{Script=Han}/u.test(en[k]))
    check(`${name}: no Chinese in the English texts`, foreign.length === 0, foreign.join(' '))
  }
}

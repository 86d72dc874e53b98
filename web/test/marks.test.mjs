/* Every colour of the desk has a letter and a shape: who sees no colours tells all marks apart. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { load } from './load.mjs'

globalThis.localStorage ??= { getItem: () => null }
globalThis.navigator ??= { languages: ['en'] }
const { PRIORITY_MARKS, UNIT_MARKS, shape_path } = await load('map/marks.ts')
const words = (language) => JSON.parse(readFileSync(join(import.meta.dirname, `../src/i18n/${language}/common.json`), 'utf8'))
const MIN_CONTRAST = 4.5

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

/* What is wrong with a table of marks whose letters are given. */
function faults(marks, letter_of) {
  const found = []
  const seen = new Map()
  for (const [name, mark] of Object.entries(marks)) {
    const letter = letter_of(name)
    if (!letter || [...letter].length !== 1) found.push(`${name}: no single letter`)
    if (seen.has(letter)) found.push(`${name}: the letter of ${seen.get(letter)}`)
    seen.set(letter, name)
    if (!shape_path(mark.shape)) found.push(`${name}: no shape`)
    if (contrast(mark.fill, mark.ink) < MIN_CONTRAST) found.push(`${name}: letter too faint`)
  }
  if (new Set(Object.values(marks).map((mark) => mark.shape)).size < 4) found.push('too few shapes')
  return found
}

for (const language of ['zh-CN', 'en']) {
  test(`units, ${language}`, () => assert.deepEqual(faults(UNIT_MARKS, (name) => words(language).unit_letter[name]), []))
}
test('priorities', () => assert.deepEqual(faults(PRIORITY_MARKS, (name) => name.slice(1)), []))
test('each stage of a unit differs from its neighbours in shape', () => {
  for (const [a, b] of [['available', 'sent'], ['seen', 'en_route'], ['en_route', 'on_scene'], ['available', 'out_of_service']]) assert.notEqual(UNIT_MARKS[a].shape, UNIT_MARKS[b].shape)
})
test('the check finds what is wrong', () => {
  const odd = { a: { shape: 'circle', fill: '#777777', ink: '#888888' }, b: { shape: 'circle', fill: '#000000', ink: '#ffffff' } }
  assert.equal(faults(odd, () => 'X').length, 3)
})

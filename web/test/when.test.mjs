import assert from 'node:assert/strict'
import test from 'node:test'
import { load } from './load.mjs'

const { when_read, when_text } = await load('base/when.ts')
const SF = 'America/Los_Angeles'
const SHANGHAI = 'Asia/Shanghai'
const NOW = Date.parse('2026-11-23T21:05:30.400Z') /* 13:05:30 in San Francisco, 05:05:30 the next day in Shanghai */

const READ = [
  ['14:05', SF, '2026-11-23T22:05:00Z'],
  ['1405', SF, '2026-11-23T22:05:00Z'],
  ['14：05：07', SF, '2026-11-23T22:05:07Z'],
  ['1:10', SF, '2026-11-23T09:10:00Z'],
  ['23:50', SHANGHAI, '2026-11-23T15:50:00Z'], /* nearer yesterday than tonight */
  ['05:00', SHANGHAI, '2026-11-23T21:00:00Z'],
  ['-5', SF, '2026-11-23T21:00:30Z'],
  ['+90', SF, '2026-11-23T22:35:30Z'],
  ['2026-11-23 13:05:30', SF, '2026-11-23T21:05:30Z'],
  ['11-24 05:05', SHANGHAI, '2026-11-23T21:05:00Z'],
  ['2026/7/1 9:00', SF, '2026-07-01T16:00:00Z'],
  ['2026-03-08 02:30', SF, '2026-03-08T10:30:00Z'], /* a time that summer time leaves out */
]
for (const [text, zone, iso] of READ) {
  test(`read: ${text} in ${zone}`, () => assert.equal(new Date(when_read(text, NOW, zone)).toISOString(), new Date(iso).toISOString()))
}
for (const text of ['', 'half past', '25:00', '12:60', '2026-02-30 10:00', '13-01 10:00', '12', '--5', '14:05 pm']) {
  test(`not a time: ${text || 'nothing'}`, () => assert.equal(when_read(text, NOW, SF), null))
}
test('what is written is read back', () => {
  for (let at = Date.parse('2026-01-01T00:00:00Z'); at < Date.parse('2027-01-01T00:00:00Z'); at += 10_800_000 + 61_000) {
    for (const zone of [SF, SHANGHAI]) {
      const back = when_read(when_text(at, zone), NOW, zone)
      assert.ok(back === at || Math.abs(back - at) === 3_600_000, when_text(at, zone)) /* the hour that comes twice */
    }
  }
})

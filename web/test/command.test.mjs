import assert from 'node:assert/strict'
import test from 'node:test'
import { load } from './load.mjs'

const { parse } = await load('console/command/parse.ts')
const { initials } = await load('console/command/pinyin.ts')
const { VERBS, words_of } = await load('console/command/verbs.ts')

const unit = (id, callsign) => ({ id, callsign })
const WORLD = {
  units: [unit('u7', '巡车07'), unit('u70', '巡车70'), unit('t3', '铁骑03'), unit('c7', 'Car 7'), unit('c12', 'Car 12'), unit('a77', '77'), unit('k', 'KM01')],
  incidents: [{ id: 'i12', number: '12' }, { id: 'i13', number: '13' }, { id: 'i77', number: '77' }],
  chosen: null,
}
const CHOSEN = { ...WORLD, chosen: 'i13' }

/* line, world, verb, incident, units, the rest of what is understood */
const UNDERSTOOD = [
  ['派警 #12 巡车07 铁骑3', WORLD, 'dispatch', 'i12', ['u7', 't3']],
  ['派警 #12 巡车07、铁骑03', WORLD, 'dispatch', 'i12', ['u7', 't3']],
  ['pj 12 xc7 tq3', WORLD, 'dispatch', 'i12', ['u7', 't3']],
  ['dispatch 12 car 7, car 12', WORLD, 'dispatch', 'i12', ['c7', 'c12']],
  ['DISPATCH #12 CAR-07', WORLD, 'dispatch', 'i12', ['c7']],
  ['pj', CHOSEN, 'dispatch', 'i13', []],
  ['pj xc7', CHOSEN, 'dispatch', 'i13', ['u7']],
  ['pj 77 77', WORLD, 'dispatch', 'i77', ['a77']], /* first the incident, then the unit of that name */
  ['ack 77', WORLD, 'see', null, ['a77']],
  ['disp 12 km', WORLD, 'dispatch', 'i12', ['k']],
  ['gp 12 xc7: nearest', WORLD, 'divert', 'i12', ['u7'], { text: 'nearest' }],
  ['撤回 巡车07：改去别处', WORLD, 'recall', null, ['u7'], { text: '改去别处' }],
  ['反馈 12 双方已离开', WORLD, 'note', 'i12', [], { text: '双方已离开' }],
  ['note 12 left at 14:05', WORLD, 'note', 'i12', [], {}],
  ['fk 双方已离开', CHOSEN, 'note', 'i13', [], { text: '双方已离开' }],
  ['jb 12 1 持刀', WORLD, 'priority', 'i12', [], { priority: 'P1', text: '持刀' }],
  ['priority #12 p0 officer down', WORLD, 'priority', 'i12', [], { priority: 'P0', text: 'officer down' }],
  ['警情合并 12 13', WORLD, 'merge', 'i12', [], { other: 'i13' }],
  ['hb 12', CHOSEN, 'merge', 'i13', [], { other: 'i12' }],
  ['办结 已处置', CHOSEN, 'close', 'i13', [], { text: '已处置' }],
  ['jj', WORLD, 'take', null, []],
  ['hf 12', WORLD, 'review', 'i12', []],
]
for (const [line, world, verb, incident, units, rest = {}] of UNDERSTOOD) {
  test(`understood: ${line}`, () => {
    const found = parse(line, world)
    assert.equal(found.fault, null, JSON.stringify(found.fault))
    assert.equal(found.verb?.code, verb)
    assert.equal(found.incident, incident)
    assert.deepEqual(found.units, units)
    assert.deepEqual(found.missing, [])
    for (const [key, value] of Object.entries(rest)) assert.equal(found[key], value, key)
  })
}

/* line, world, what is wrong with it */
const REFUSED = [
  ['飞 12', WORLD, { fault: 'verb' }],
  ['dispatch 12 xc', WORLD, { fault: 'many' }],
  ['dispatch 12 zeppelin', WORLD, { fault: 'unit' }],
  ['dispatch #99 xc7', WORLD, { fault: 'incident' }],
  ['re 12', WORLD, { fault: 'many' }],
  ['pj xc7', WORLD, { missing: ['incident'] }],
  ['ack', WORLD, { missing: ['units'] }],
  ['recall xc7', WORLD, { missing: ['text'] }],
  ['note 12', WORLD, { missing: ['text'] }],
  ['priority 12 late', WORLD, { missing: ['priority'] }],
  ['merge 12', WORLD, { missing: ['other'] }],
  ['control 12 now', WORLD, { fault: 'unit' }],
  ['', WORLD, { missing: ['verb'] }],
]
for (const [line, world, wrong] of REFUSED) {
  test(`not taken: ${line || 'nothing'}`, () => {
    const found = parse(line, world)
    assert.equal(found.fault?.kind ?? null, wrong.fault ?? null)
    if (wrong.missing) assert.deepEqual(found.missing, wrong.missing)
  })
}

test('completion: verbs, units, incidents', () => {
  assert.deepEqual(parse('派', WORLD).candidates, ['派警'])
  assert.deepEqual(parse('pj 12 xc', WORLD).candidates, ['巡车07', '巡车70'])
  assert.deepEqual(parse('pj #1', WORLD).candidates, ['#12', '#13'])
  assert.equal(parse('pj 12 xc', WORLD).from, 6)
  assert.deepEqual(parse('pj 12 xc7 ', WORLD).candidates, [])
})
test('initials of Chinese callsigns', () => {
  const pairs = { 巡车07: 'xc07', 铁骑3: 'tq3', 步巡01: 'bx01', 消防08: 'xf08', 急救12: 'jj12', 云梯04: 'yt04', 艇: 't', 无人机: 'wrj', 社区: 'sq', 指挥: 'zh', 安: 'a', 二: 'e', KM01: 'KM01' }
  for (const [name, letters] of Object.entries(pairs)) assert.equal(initials(name), letters)
})
test('no word means two verbs', () => {
  const seen = new Map()
  for (const verb of VERBS) {
    for (const word of words_of(verb)) {
      assert.equal(seen.get(word), undefined, `${word}: ${seen.get(word)} and ${verb.code}`)
      seen.set(word, verb.code)
    }
  }
})
test('any text is read without an exception', () => {
  let seed = 7
  const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n }
  const parts = ['派警', 'pj', '#', '12', ' ', ':', '：', 'p1', 'xc7', '，', '\u202e', '<b>', '\0', '𠮷', 'car', '7', '-', '/']
  for (let i = 0; i < 3000; i++) parse(Array.from({ length: random(9) }, () => parts[random(parts.length)]).join(random(2) ? ' ' : ''), i % 2 ? WORLD : CHOSEN)
})

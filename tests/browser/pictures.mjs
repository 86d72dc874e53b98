/* The pictures of docs/screenshots: a desk at work, a unit on its way, the public door; each city, light
   and dark. The city's log is played as ./run plays it. */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { browser_open, login, page_open, shot } from './check.mjs'
import { incident_made, opened, shown } from './hands.mjs'
import { PROGRAM, server_start } from './server.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const RUNS = [
  { name: 'en', language: 'en', locale: 'en-US', city: 'sf', log: () => join(ROOT, 'data/incidents/sf_fire_cad_2020-04-07_20.csv.gz'),
    street: '500 Valencia Street', type: 'assault', words: 'Two men are fighting in front of the shop, one has a bottle.', why: 'weapon' },
  { name: 'zh', language: 'zh-CN', locale: 'zh-CN', city: 'shanghai', log: (dir) => join(dir, 'calls.csv'),
    street: '福州路', type: 'assault', words: '店门口有两个人打架，其中一个拿着酒瓶。', why: '持械' },
]
const PHONE = { size: [390, 844], is_phone: true }
const PLAYED_MS = 25_000
const BUSY = 10
const TYPES = ['theft', 'neighbour_dispute', 'collision', 'lost_property', 'medical_incident', 'noise']

const CALM_MS = 2000
/* A page that knows which of its requests are under way. */
async function page_watched(browser, options) {
  const page = await page_open(browser, options)
  page.under_way = new Set()
  page.last = Date.now()
  page.on('request', (request) => { if (!request.url().includes('/push')) page.under_way.add(request) })
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => { page.under_way.delete(request); page.last = Date.now() })
  return page
}
/* The map has its tiles: nothing has been asked for a while. */
async function calm(page) {
  for (let i = 0; i < 200 && (page.under_way.size || Date.now() - page.last < CALM_MS); i++) await page.waitForTimeout(100)
}
async function drawn(page, name) {
  await calm(page)
  await shot(page, name)
}
/* The same page in both themes; the map draws anew. */
async function both(page, name) {
  await drawn(page, name)
  await page.click('[data-test=theme]')
  await page.mouse.move(0, 0)
  await drawn(page, `${name}-dark`)
  await page.click('[data-test=theme]')
}

/* At night the log is quiet: made-up calls beside it, every other one with a unit on its way. */
async function filled(client, run) {
  const has = (await client.get('/incidents?stage=pending,open&limit=50')).items.length
  const units = (await client.get('/units?readiness=available&limit=500')).items.filter((one) => !one.is_no_dispatch && !one.is_community)
  for (let i = has; i < BUSY; i++) {
    const unit = units[(i * 37) % units.length]
    const near = await client.get(`/places/resolve?lat=${unit.place.lat}&lon=${unit.place.lon}`)
    const street = near.nearest_street?.name ?? ''
    const id = await incident_made(client, unit.place, { type: TYPES[i % TYPES.length], address: run.language === 'en' ? street : `${street}附近` })
    if (i % 2) continue
    const pick = (await client.get(`/incidents/${id}/recommendation`)).picks[0]
    if (!pick) continue
    await client.post(`/incidents/${id}/dispatch`, { units: [pick.unit], reason: 'nearest' })
    const assignment = (await client.get(`/assignments?incident=${id}&limit=1`)).items[0].id
    for (const verb of ['see', 'depart', 'arrive'].slice(0, 1 + (i % 3))) await client.post(`/assignments/${assignment}/${verb}`)
  }
}

async function desk(browser, server, run, client, id) {
  const page = await page_watched(browser, { language: run.locale })
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '.unit')
  await opened(page, id)
  await shown(page, '[data-test^=pick-]')
  await shown(page, '.maplibregl-canvas')
  await page.locator('[data-test^=pick-] .way').first().click()
  await both(page, `desk-${run.name}`)
  await page.keyboard.press('Escape')
  await page.click('[data-test=theme]')
  await page.keyboard.press('f')
  await page.click('[data-test=map-circles]')
  await drawn(page, `circles-${run.name}`)
}

async function field(browser, server, run, client, id) {
  const me = await server.client().login('field1', server.accounts.field1)
  const unit = await client.get(`/units/${me.me.user.unit}`)
  const place = { lat: unit.place.lat, lon: unit.place.lon }
  await client.post(`/incidents/${id}/dispatch`, { units: [unit.id], reason: 'nearest' })
  const page = await page_watched(browser, { language: run.locale, ...PHONE, place })
  await login(page, `${server.base}/field`, 'field1', server.accounts.field1)
  for (const verb of ['see', 'depart']) {
    await page.click(`[data-test=next][data-verb=${verb}]`)
    await page.locator('[data-test=waiting]').waitFor({ state: 'detached' })
  }
  await both(page, `field-${run.name}`)
}

async function portal(browser, server, run, place) {
  const page = await page_watched(browser, { language: run.locale, ...PHONE, place })
  await page.goto(server.portal)
  await shown(page, '.cats label')
  await both(page, `portal-${run.name}`)
}

const wanted = process.argv.slice(2)
const browser = await browser_open()
for (const run of RUNS) {
  if (wanted.length && !wanted.includes(run.language)) continue
  const server = await server_start(run.city)
  const replay = spawn(PROGRAM, ['replay', run.log(server.dir), '--dir', server.dir, '--to', server.base.replace('localhost', '127.0.0.1'), '--loop', '--positions'],
    { stdio: 'ignore' })
  try {
    const client = await server.client().login('commander', server.accounts.commander)
    await new Promise((done) => setTimeout(done, PLAYED_MS))
    await filled(client, run)
    const found = (await client.get(`/places/search?q=${encodeURIComponent(run.street)}&limit=1`)).items[0]
    const id = await incident_made(client, found.place, { type: run.type, address: found.text_zh && run.language !== 'en' ? found.text_zh : found.text, words: run.words, priority: 'P1', reason: run.why })
    await desk(browser, server, run, client, id)
    await field(browser, server, run, client, id)
    await portal(browser, server, run, found.place)
    console.log(`${run.name}: done`)
  } finally {
    replay.kill()
    await Promise.all(browser.contexts().map((context) => context.close()))
    await server.stop()
  }
}
await browser.close()

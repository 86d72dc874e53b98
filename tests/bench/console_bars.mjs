/* The bars of the console, in a real browser against the real server on a fresh demo folder:

     usable   from the click on "log in" until a call can be taken (console_usable.mjs)
     weight   bytes on the wire of the console with its map, and of the field page
     keys     keys beyond the text from an idle desk to sent units
     moving   10,000 objects that move at 1 Hz: how many of 30 seconds' updates are painted
     latency  50 changes a second of rows that two consoles show, from the moment of sending to the DOM
     soak     heap over ten minutes (30 with --long) of calls and changes
     lists    5,000 open incidents and 1,000 units: steps of scrolling and filtering

   Arguments name the parts to run; none = all. Prints `BAR name value unit goal ok|short`. A step's time
   is from the act to the end of the frame that shows it. Rendering is software: it measures Chromium too. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { browser_open, login, page_open } from '../browser/check.mjs'
import { incident_made, shown, until } from '../browser/hands.mjs'
import { keys_counted } from '../browser/keyboard.mjs'
import { server_start } from '../browser/server.mjs'

const args = process.argv.slice(2)
const is_long = args.includes('--long')
const wanted = args.filter((one) => one !== '--long')

function bar(name, value, unit, goal, is_more = false) {
  const is_ok = Number.isFinite(value) && (is_more ? value >= goal : value <= goal)
  console.log(`BAR console.${name} ${Number(value.toPrecision(4))} ${unit} ${is_more ? '>=' : '<='}${goal} ${is_ok ? 'ok' : 'short'}`)
}
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : NaN
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms))
async function desk_open(browser, server, account, url = server.base) {
  const page = await page_open(browser, { language: 'en-US' })
  await login(page, url, account, server.accounts[account])
  await shown(page, '.unit')
  return page
}
/* A session may write 50 times a second: more hands, more sessions. */
async function hands_of(server, count) {
  const hands = []
  for (let i = 0; i < count; i++) hands.push(await server.client().login('commander', server.accounts.commander))
  return hands
}
/* Runs `act(hand, i)` for all i, each hand one after the other. */
async function shared_out(hands, count, act) {
  let next = 0
  await Promise.all(hands.map(async (hand) => {
    while (next < count) await act(hand, next++)
  }))
}

/* ---- usable, weight, keys ---- */
async function usable(_browser, server) {
  const run = spawnSync('node', [join(import.meta.dirname, 'console_usable.mjs'), server.base, 'operator', server.accounts.operator], { encoding: 'utf8' })
  bar('usable', Number(/BAR console_usable (\d+)/.exec(run.stdout)?.[1] ?? NaN), 'ms', 2000)
}

async function weight_of(browser, act) {
  const page = await page_open(browser, { language: 'en-US' })
  const bytes = new Map()
  page.on('requestfinished', async (request) => {
    const path = new URL(request.url()).pathname
    if (path.startsWith('/api/') || bytes.has(path)) return
    bytes.set(path, 0)
    bytes.set(path, (await request.sizes()).responseBodySize)
  })
  await act(page)
  await page.waitForLoadState('networkidle').catch(() => null) /* a stream never ends: what came until then counts */
  await page.context().close()
  return [...bytes.values()].reduce((sum, one) => sum + one, 0) / 1000
}
async function weight(browser, server) {
  bar('weight', await weight_of(browser, async (page) => {
    page.setDefaultTimeout(15_000)
    await login(page, server.base, 'operator', server.accounts.operator)
    await shown(page, '.maplibregl-canvas')
    await pause(3000)
  }), 'kB', 900)
  bar('field_weight', await weight_of(browser, async (page) => {
    page.setDefaultTimeout(15_000)
    const unit = Object.keys(server.accounts).find((name) => /^(unit|field)/.test(name))
    await login(page, `${server.base}/field`, unit, server.accounts[unit])
    await pause(3000)
  }), 'kB', 250)
}

async function keys(browser, server) {
  const page = await desk_open(browser, server, 'operator')
  bar('keys', await keys_counted(page, 'en'), 'keys', 12)
  await page.context().close()
}

/* ---- moving objects: pushed into the page's own stream, drawn by its own map ---- */
const OBJECTS = 10_000
const MOVING_S = 30
function stream_opened() {
  const Real = window.EventSource
  window.EventSource = class extends Real { constructor(url) { super(url); window.bench_stream = this } }
  window.bench_push = (event, data) => window.bench_stream.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data), lastEventId: '1-1' }))
  window.bench_drew = 0
  for (const name of ['drawElements', 'drawArrays']) {
    const draw = WebGL2RenderingContext.prototype[name]
    WebGL2RenderingContext.prototype[name] = function drawn(...rest) { window.bench_drew = performance.now(); return draw.apply(this, rest) }
  }
}
async function moving(browser, server) {
  const page = await page_open(browser, { language: 'en-US', size: [1280, 800] })
  await page.addInitScript(stream_opened)
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '.unit')
  const like = (await (await server.client().login('operator', server.accounts.operator)).get('/units?limit=1')).items[0]
  /* The map in a window of its own: the bar is the map's. */
  await page.goto(`${server.base}/#pane=map&room=bench`)
  await page.reload()
  await shown(page, '.maplibregl-canvas')
  await pause(4000)
  const painted = await page.evaluate(async ({ like, count, seconds }) => {
    const units = Array.from({ length: count }, (_, i) => ({ ...like, id: `unit-1-${1_000_000 + i}`, callsign: `M${i}`, readiness: 'available', seq: 1 }))
    for (const row of units) window.bench_push('row', { kind: 'unit', row })
    const move = (turn) => units.map((unit, i) => ({ unit: unit.id, at: new Date(Date.now() + turn).toISOString(),
      place: { lat: like.place.lat + 0.03 * Math.sin(i + turn / 9), lon: like.place.lon + 0.04 * Math.cos(i * 1.7 + turn / 7) } }))
    let count_painted = 0
    for (let turn = 0; turn < seconds; turn++) {
      const from = performance.now()
      window.bench_push('positions', { items: move(turn) })
      const told = performance.now()
      await new Promise((done) => setTimeout(done, Math.max(0, 1000 - (told - from))))
      if (window.bench_drew > told) count_painted++
    }
    return count_painted
  }, { like, count: OBJECTS, seconds: MOVING_S })
  bar('moving', painted, 'updates', 20, true)
  await page.context().close()
}

/* ---- latency: rows whose address says which change they show ---- */
const ROWS = 16
const RATE = 50
const LATENCY_S = 20
function addresses_watched() {
  window.bench_seen = {}
  new MutationObserver((records) => {
    for (const record of records) {
      const found = /b-(\d+)/.exec(record.target.textContent ?? '')
      if (found) window.bench_seen[found[1]] ??= Date.now()
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true })
}
async function latency(browser, server) {
  const pages = [await desk_open(browser, server, 'operator'), await desk_open(browser, server, 'commander')]
  for (const page of pages) {
    await page.click('[data-test=panes]')
    await page.locator('[data-test=panes-map]:visible').click()
  }
  const hands = await hands_of(server, 4)
  const { place } = (await hands[0].get('/units?limit=1')).items[0]
  const ids = []
  for (let i = 0; i < ROWS; i++) ids.push(await incident_made(hands[0], place, { priority: 'P1', reason: 'bench' }).catch(() => incident_made(hands[0], place)))
  for (const page of pages) {
    await page.locator(`[data-test=incident-${ids.at(-1)}]`).first().waitFor()
    await page.evaluate(addresses_watched)
  }
  const sent = []
  const answers = []
  const begin = Date.now()
  for (let i = 0; i < RATE * LATENCY_S; i++) {
    await pause(Math.max(0, begin + (i * 1000) / RATE - Date.now()))
    sent[i] = Date.now()
    answers.push(hands[i % hands.length].post(`/incidents/${ids[i % ROWS]}/amend`, { address: `b-${i}` }).catch((error) => error))
  }
  const failed = (await Promise.all(answers)).filter((one) => one instanceof Error)
  await pause(1500)
  const spans = []
  let unseen = 0
  for (const page of pages) {
    const seen = await page.evaluate(() => window.bench_seen)
    for (const [i, at] of sent.entries()) {
      if (seen[i]) spans.push(seen[i] - at)
      else unseen++
    }
    await page.context().close()
  }
  console.log(`# ${spans.length} rows seen, ${unseen} overtaken by a newer change of the same row, ${failed.length} refused, median ${quantile(spans, 0.5)} ms`)
  bar('latency_p95', failed.length || unseen > spans.length / 10 ? NaN : quantile(spans, 0.95), 'ms', 400)
  for (const id of ids) await hands[0].post(`/incidents/${id}/transfer`, { to_body: 'fire', reason: 'bench' }).catch(() => null)
}

/* ---- heap ---- */
const SOAK_S = Number(process.env.SOAK_S ?? (is_long ? 1800 : 600))
async function heap_bytes(session) {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find((one) => one.name === 'JSHeapUsedSize').value
}
/* Growth over the whole time by the line of least squares, per cent of its middle. */
function growth(samples) {
  const n = samples.length
  const mean_x = (n - 1) / 2
  const mean_y = samples.reduce((a, b) => a + b, 0) / n
  const slope = samples.reduce((sum, y, x) => sum + (x - mean_x) * (y - mean_y), 0) / samples.reduce((sum, _, x) => sum + (x - mean_x) ** 2, 0)
  return (100 * slope * (n - 1)) / mean_y
}
async function soak(browser, server) {
  const page = await desk_open(browser, server, 'operator')
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const [hand] = await hands_of(server, 1)
  const { place } = (await hand.get('/units?limit=1')).items[0]
  const samples = []
  const begin = Date.now()
  const warm_ms = Math.min(60_000, SOAK_S * 200) /* until caches and code have settled */
  for (let i = 0, due = warm_ms; Date.now() - begin < SOAK_S * 1000; i++) {
    const id = await incident_made(hand, place, { address: `soak ${i}` })
    for (let n = 0; n < 4; n++) await hand.post(`/incidents/${id}/amend`, { address: `soak ${i} ${n}` })
    await hand.post(`/incidents/${id}/transfer`, { to_body: 'fire', reason: 'bench' }).catch(() => null)
    await pause(300)
    if (Date.now() - begin > due) {
      samples.push(await heap_bytes(session))
      due += (SOAK_S * 1000 - warm_ms) / 20
    }
  }
  console.log(`# heap ${samples.map((one) => (one / 1e6).toFixed(1)).join(' ')} MB over ${SOAK_S} s`)
  bar('heap_growth', growth(samples), '%', 1)
  await page.context().close()
}

/* ---- long lists ---- */
const INCIDENTS = 5000
const UNITS = 1000
const STEPS = 40
async function filled(server) {
  const hands = await hands_of(server, 16)
  const [first] = hands
  const all = (await first.get('/units?limit=500')).items
  const like = all.find((one) => one.post && one.readiness !== 'off_duty') ?? all[0]
  await shared_out(hands, UNITS - all.length, async (hand, i) => {
    const made = await hand.post('/units', { callsign: `Bench ${i}`, kind: like.kind, profile: like.profile, body: like.body, place: like.place })
    await hand.post(`/units/${made.id}/sign_on`, { crew: 2 })
  })
  await shared_out(hands, INCIDENTS, (hand, i) => hand.post('/incidents', { type: 'noise', source: 'phone', address: `Street ${i}`, chosen: like.place, is_simulated: true }))
}
/* Milliseconds of each step, from the act to the end of its frame. */
function steps_timed(page, what) {
  return page.evaluate(async ({ what, count }) => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0) }))
    const list = document.querySelector(what === 'queue' ? '[data-test=queue] .pane-list' : '[data-test=units] .pane-list')
    const field = document.querySelector(`[data-test=${what}-filter] input, input[data-test=${what}-filter]`) ?? document.querySelector(`[data-test=${what}] .pane-head input`)
    const times = { scroll: [], filter: [] }
    for (let i = 0; i < count; i++) {
      await frame()
      const from = performance.now()
      list.scrollTop += i % 8 === 7 ? list.scrollHeight / 9 : 240
      await frame()
      times.scroll.push(performance.now() - from)
    }
    const words = ['b', 'be', 'ben', 'be', 'b', '']
    for (let i = 0; field && i < count; i++) {
      await frame()
      const from = performance.now()
      field.value = words[i % words.length]
      field.dispatchEvent(new Event('input', { bubbles: true }))
      await frame()
      times.filter.push(performance.now() - from)
    }
    return { ...times, rows: document.querySelectorAll('li').length }
  }, { what, count: STEPS })
}
async function lists(browser, server) {
  await filled(server)
  const page = await desk_open(browser, server, 'operator')
  await page.click('[data-test=panes]')
  await page.locator('[data-test=panes-map]:visible').click()
  await until(async () => Number((await page.textContent('[data-test=queue] .n')).trim()) >= INCIDENTS, 'all incidents', 60)
  for (const what of ['queue', 'units']) {
    const times = await steps_timed(page, what)
    console.log(`# ${what}: ${times.rows} rows in the DOM, median scroll ${quantile(times.scroll, 0.5).toFixed(1)} ms, filter ${quantile(times.filter, 0.5).toFixed(1)} ms`)
    bar(`${what}_scroll_p95`, quantile(times.scroll, 0.95), 'ms', 50)
    bar(`${what}_filter_p95`, quantile(times.filter, 0.95), 'ms', 50)
  }
  await page.context().close()
}

const PARTS = { usable, weight, keys, moving, latency, soak, lists }
const unknown = wanted.filter((name) => !(name in PARTS))
if (unknown.length) {
  console.error(`usage: ./bench console [--long] [PART...]; there are: ${Object.keys(PARTS).join(' ')}`)
  process.exit(2)
}
const server = await server_start('sf')
const browser = await browser_open()
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length && !wanted.includes(name)) continue
  await part(browser, server).catch((error) => { console.error(`${name}: ${error.stack}`); bar(name, NaN, '', 0) })
}
await browser.close()
await server.stop()

/* Circles, the ledger of cover, and closures drawn as an area or named as a street; also without a
   mouse and in the dark. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { answered, chosen, incident_made, shown, until } from './hands.mjs'

async function circles_shown(page, run) {
  const asked = []
  page.on('request', (request) => { if (request.url().includes('/api/v1/circles?')) asked.push(new URL(request.url()).searchParams) })
  /* The answer to a question with this in it: another one may still be on its way. */
  const answer_of = async (act, part = '') => {
    const [answer] = await Promise.all([page.waitForResponse((r) => r.url().includes('/api/v1/circles?') && r.url().includes(part)), act()])
    return answer.json()
  }
  const areas = await step('circles: shown as areas', () => answer_of(() => page.click('[data-test=map-circles]')))
  check('circles: three limits', areas.features.length === 3 && areas.features.every((f) => f.geometry.type === 'MultiPolygon'))
  const size = areas.features.map((f) => f.properties.area_m2)
  check('circles: they nest', size[0] > 0 && size[0] < size[1] && size[1] < size[2], size.join())
  const foot = await step('circles: on foot, by the keyboard', () => answer_of(async () => {
    await page.focus('[data-test=circles-profile]')
    await page.keyboard.press('End')
  }, 'profile=foot'))
  check('circles: on foot less is reached', foot.features[2].properties.area_m2 < size[2])
  check('circles: asked for feet', asked.at(-1)?.get('profile') === 'foot')
  await step('circles: without busy units', () => answer_of(() => page.selectOption('[data-test=circles-busy]', 'out'), 'busy=out'))
  check('circles: asked without busy ones', asked.at(-1)?.get('busy') === 'out')
  const lines = await step('circles: as streets', () => answer_of(() => page.selectOption('[data-test=circles-shape]', 'lines'), 'shape=lines'))
  check('circles: streets', lines.features.length > 0 && lines.features[0].geometry.type === 'MultiLineString')
  await step('circles: with the speeds of an hour of the week', () => answer_of(() => page.selectOption('[data-test=circles-day]', 'fri'), 'hour=fri'))
  check('circles: asked for that hour', asked.at(-1)?.get('hour') === 'fri-08', String(asked.at(-1)))
  await step('circles: at a later time', () => answer_of(() => page.fill('[data-test=circles-at]', '+30'), 'at='))
  check('circles: asked for that time', Math.abs(Date.parse(asked.at(-1)?.get('at')) - Date.now() - 1_800_000) < 120_000, String(asked.at(-1)))
  await shot(page, `circles-panel-${run.language}`)
}

/* The pane asks once, and is then told. */
async function ledger_shown(page, client, run) {
  const asked = []
  page.on('request', (request) => { if (request.url().endsWith('/api/v1/cover')) asked.push(request.url()) })
  await step('cover: the ledger is beside the map', async () => {
    await page.click('[data-test=map-cover]')
    await shown(page, '[data-test=ledger-sums]')
  })
  const ledger = await client.get('/cover')
  check('cover: demand is there, and the limits rise', ledger.demand > 0 && ledger.reached[0] <= ledger.reached[1] &&
    ledger.reached[1] <= ledger.reached[2] && ledger.reached[2] > 0 && ledger.reached[2] <= ledger.demand, JSON.stringify(ledger.reached))
  check('cover: it says which demand it counts', ledger.source === 'calls')
  const share = (found) => `${(100 * found.reached[2] / found.demand).toFixed(1)} %`
  const shows = (text) => page.waitForFunction((wanted) => document.querySelector('[data-test=ledger-sums]')?.textContent?.includes(wanted), text, { timeout: 20_000 })
  await step('cover: the page shows the share', () => shows(share(ledger)))
  const idle = ledger.units.filter((u) => u.is_idle).sort((a, b) => b.worth[2] - a.worth[2])[0]
  if (idle && idle.worth[2] > 0) {
    await client.post(`/units/${idle.unit}/suspend`, { reason: 'meal' })
    await step('cover: a unit that is out takes its worth with it', () => until(async () =>
      (await client.get('/cover')).reached[2] === ledger.reached[2] - idle.worth[2]))
    await step('cover: and the page is told', () => shows(share({ ...ledger, reached: [0, 0, ledger.reached[2] - idle.worth[2]] })))
    await client.post(`/units/${idle.unit}/resume`, {})
    await step('cover: the page is told that it is back', () => shows(share(ledger)))
  }
  check('cover: the page asked once', asked.length === 1, String(asked.length))
  await axe_checked(page, 'cover')
  await language_checked(page, 'cover', run.language, ['here', 'test'])
}

async function area_closed(page, client, run) {
  await page.click('[data-test=map-closure]')
  await page.click('[data-test=draw-area]')
  const map = await page.locator('.gl').boundingBox()
  for (const [x, y] of [[0.45, 0.4], [0.6, 0.4], [0.6, 0.6]]) await page.mouse.click(map.x + map.width * x, map.y + map.height * y)
  await step('closure: an area is drawn', async () => {
    await page.click('[data-test=draw-end]')
    await shown(page, '[data-test=ask-reason]')
    await chosen(page, 'ask-reason', run.language === 'en' ? 'Flood' : '积水')
    await answered(page)
  })
  const items = (await client.get('/closures?limit=50')).items.filter((c) => !c.lifted_us)
  check('closure: it is an area', items.some((c) => c.path.type === 'Polygon'), JSON.stringify(items.map((c) => c.path.type)))
  for (const one of items) await client.post(`/closures/${one.id}/lift`, { reason: 'ok' })
}

async function street_closed(page, client, run) {
  const post = (await client.get('/posts?limit=1')).items[0]
  const near = await client.get(`/places/resolve?lat=${post.place.lat}&lon=${post.place.lon}`)
  const street = near.nearest_street?.name
  if (!check('closure: a post stands at a street', !!street)) return
  await step('closure: a street is closed by its name, without a mouse', async () => {
    await page.focus('[data-test=map-closure]')
    await page.keyboard.press('Enter')
    await page.focus('[data-test=draw-street]')
    await page.keyboard.press('Enter')
    await shown(page, '[data-test=ask-name]')
    await page.fill('[data-test=ask-name]', 'Nowhere at all')
    await page.click('[data-test=ask-submit]')
    await shown(page, '.el-dialog .el-alert')
    await page.fill('[data-test=ask-name]', street)
    await page.click('[data-test=ask-submit]')
    await shown(page, '[data-test=ask-reason]')
    await chosen(page, 'ask-reason', run.language === 'en' ? 'Flood' : '积水')
    await answered(page)
  })
  const items = (await client.get('/closures?limit=50')).items.filter((c) => !c.lifted_us)
  check('closure: of the whole street', items.some((c) => c.path.type === 'MultiLineString' && c.name === street))
  for (const one of items) await client.post(`/closures/${one.id}/lift`, { reason: 'ok' })
}

export async function circles(browser, server, run) {
  const client = await server.client().login('operator', server.accounts.operator)
  const page = await page_open(browser, { language: run.locale, scheme: 'dark', size: [1720, 960] })
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '[data-test=map]')
  await shown(page, '[data-test=map-circles]')
  await circles_shown(page, run)
  for (const post of (await client.get('/posts?limit=6')).items) await incident_made(client, post.place)
  await ledger_shown(page, client, run)
  await area_closed(page, client, run)
  await street_closed(page, client, run)
  page.faults = page.faults.filter((fault) => !fault.includes('404')) /* the street that is none */
  faults_checked(page, `circles ${run.language}`)
}

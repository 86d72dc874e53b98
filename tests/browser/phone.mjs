/* The phone of a unit: where it is, an order it cannot take, and a night without signal. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { incident_made, shown, until } from './hands.mjs'

const PHONE = { size: [390, 844], is_phone: true }
const NEAR_DEG = 1e-4

/* What the page has written down for a start without signal. */
function kept(page) {
  return page.evaluate(async () => {
    if (!(await indexedDB.databases()).some((one) => one.name === 'anwang-field-known')) return undefined
    return new Promise((done) => {
      const asked = indexedDB.open('anwang-field-known')
      asked.onsuccess = () => {
        const one = asked.result.transaction('known').objectStore('known').get('one')
        one.onsuccess = () => { asked.result.close(); done(one.result) }
      }
    })
  })
}

async function position_sent(page, client, unit) {
  const at = { lat: unit.place.lat + 0.001, lon: unit.place.lon + 0.001 }
  const is_there = async (place) => {
    const seen = (await client.get('/units/positions')).items.find((one) => one.unit === unit.id)
    return !!seen && Math.abs(seen.place.lat - place.lat) < NEAR_DEG && Math.abs(seen.place.lon - place.lon) < NEAR_DEG
  }
  await page.context().setGeolocation({ latitude: at.lat, longitude: at.lon, accuracy: 8 })
  check('phone: nothing is sent before it is switched on', !await is_there(at))
  await step('phone: its place is sent', async () => {
    await page.check('[data-test=position]')
    await until(() => is_there(at), 'the place')
  })
  const next = { lat: at.lat + 0.002, lon: at.lon }
  await step('phone: and moves with it', async () => {
    await page.context().setGeolocation({ latitude: next.lat, longitude: next.lon, accuracy: 8 })
    await until(() => is_there(next), 'the place')
  })
}

async function sent(client, unit, words) {
  const id = await incident_made(client, unit.place, { words })
  await client.post(`/incidents/${id}/dispatch`, { units: [unit.id], reason: 'test' })
  return { id, assignment: (await client.get(`/assignments?incident=${id}&limit=1`)).items[0].id }
}

async function declined(page, client, unit, words) {
  const job = await sent(client, unit, words)
  await step('phone: an order comes by itself', () => page.locator('[data-test=job] blockquote', { hasText: words }).waitFor())
  await step('phone: it cannot be taken, and says why', async () => {
    await page.click('[data-test=decline]')
    await page.click('[data-test=decline-breakdown]')
    await page.locator('[data-test=job]').waitFor({ state: 'detached' })
  })
  const row = await client.get(`/assignments/${job.assignment}`)
  check('phone: declined with its reason', row.stage === 'declined' && row.reason === 'breakdown', JSON.stringify(row))
  await client.post(`/incidents/${job.id}/transfer`, { to_body: (await client.get('/catalogue')).bodies[0].code, receipt: 'x', reason: 'test' })
}

/* The server goes away, the page is closed and opened again: it shows what it last knew and says so. */
async function without_signal(page, server, client, unit, run, words) {
  await step('phone: the page keeps itself on the device', () => shown(page, '[data-test=shell][data-shell=kept]'))
  const job = await sent(client, unit, words)
  await page.locator('[data-test=job] blockquote', { hasText: words }).waitFor()
  await until(async () => {
    const known = await kept(page)
    return known?.incident?.id === job.id && known.assignments.some((one) => one.id === job.assignment)
  }, 'the device')
  page.is_offline = true
  await server.down()
  await step('phone: without signal the closed page opens again', async () => {
    await page.reload()
    await page.locator('[data-test=job] blockquote', { hasText: words }).waitFor()
  })
  await step('phone: and never passes for live', () => page.locator('[data-test=offline]', { hasText: /\d\d:\d\d:\d\d/ }).waitFor())
  await page.click('[data-test=next][data-verb=see]')
  await step('phone: what is done waits', () => shown(page, '[data-test=waiting]'))
  await page.reload()
  await step('phone: and still waits after another start', () => shown(page, '[data-test=waiting]'))
  await language_checked(page, 'phone, no signal', run.language, [words])
  await axe_checked(page, 'phone, no signal')
  await shot(page, `field-offline-${run.language}`)
  const done_at = Date.now()
  await server.up()
  await step('phone: it is sent once the signal is back', async () => {
    await page.locator('[data-test=waiting]').waitFor({ state: 'detached' })
    await page.locator('[data-test=offline]').waitFor({ state: 'detached' })
  })
  page.is_offline = false
  await step('phone: and the server knows', () => until(async () => (await client.get(`/assignments/${job.assignment}`)).stage === 'seen', 'the assignment'))
  const row = await client.get(`/assignments/${job.assignment}`)
  check('phone: with the time of the act, not of the sending', Date.parse(row.seen_us) < done_at, JSON.stringify(row))
  for (const verb of ['depart', 'arrive', 'clear']) await client.post(`/assignments/${job.assignment}/${verb}`)
}

export async function phone(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const field = await server.client().login('field2', server.accounts.field2)
  const unit = await client.get(`/units/${field.me.user.unit}`)
  const words = run.language === 'en' ? 'A bicycle was taken at the fountain.' : '喷泉旁自行车被盗。'
  const page = await page_open(browser, { language: run.locale, ...PHONE, place: unit.place })
  await login(page, `${server.base}/field`, 'field2', server.accounts.field2)
  await shown(page, '[data-test=position]')
  await position_sent(page, client, unit)
  await declined(page, client, unit, words)
  await without_signal(page, server, client, unit, run, words)
  await step('phone: signed off, it sends no more', async () => {
    await page.click('[data-test=sign-off]')
    await shown(page, '[data-test=sign-on]')
    await until(async () => !(await client.get('/units/positions')).items.some((one) => one.unit === unit.id), 'the server')
  })
  await page.reload()
  await shown(page, '[data-test=sign-on]')
  await step('phone: off duty nothing is kept on the device', () => until(async () => !await kept(page), 'the device'))
  await page.click('[data-test=sign-on]')
  await page.locator('[data-test=sign-off]').waitFor()
  faults_checked(page, 'phone')
}

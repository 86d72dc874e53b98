/* What the desk does for later and for others: schedule, reserve, hand over with a receipt, signals
   that belong together, and the place of a unit as heard on radio. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, step } from './check.mjs'
import { alone_chosen, answered, chosen_value, incident_made, more, number_of, opened, shown, staged, until } from './hands.mjs'

async function planned(page, client, id, unit) {
  await step('radio: it is due later', async () => {
    await opened(page, id)
    await more(page, 'schedule')
    await page.fill('[data-test=ask-due_us]', '+90')
    await answered(page)
    await staged(page, 'scheduled')
  })
  const due_min = (Date.parse((await client.get(`/incidents/${id}`)).scheduled_us) - Date.now()) / 60_000
  check('radio: in ninety minutes', due_min > 88 && due_min < 91, String(due_min))
  await step('radio: a unit is reserved for it', async () => {
    await alone_chosen(page, unit, 'planned')
    await page.click('[data-test=reserve-only]')
    await page.click('[data-test=dispatch]')
    await shown(page, '[data-test^=assignment-][data-stage=reserved]')
  })
  check('radio: the unit stays free', (await client.get(`/units/${unit.id}`)).readiness === 'available')
  await step('radio: sent after all', async () => {
    await page.click('[data-test=act-enter]')
    await staged(page, 'pending')
    await page.click('[data-test=next-send]')
    await shown(page, '[data-test^=assignment-][data-stage=sent]')
  })
  await step('radio: its turn came before that', async () => {
    const row = (await client.get(`/assignments?incident=${id}&limit=1`)).items[0]
    if (!row.offered_us) throw new Error(JSON.stringify(row))
  })
  await step('radio: taken back', async () => {
    await page.locator('[data-test^=more-assignment]').click()
    await page.locator('[data-test=assignment-verb-cancel]:visible').click()
    await page.fill('[data-test=ask-reason]', 'no longer')
    await answered(page)
    await shown(page, '[data-test^=assignment-][data-stage=cancelled]')
  })
}

async function receipted(page, client, id) {
  await step('radio: handed to another body', async () => {
    await opened(page, id)
    await more(page, 'transfer')
    await page.click('[data-test=ask-to_body]')
    await page.locator('.el-select-dropdown__item:visible').first().click()
    await page.fill('[data-test=ask-reason]', 'theirs')
    await answered(page)
    await staged(page, 'transferred')
  })
  await step('radio: it waits for the receipt', async () => {
    await page.click('[data-test=unreceipted] summary')
    await shown(page, `[data-test=unreceipted-${id}]`)
  })
  await step('radio: the receipt is noted', async () => {
    await page.click('[data-test=act-receipt]')
    await page.fill('[data-test=ask-receipt]', 'No. 77')
    await answered(page)
    await until(async () => await page.locator(`[data-test=unreceipted-${id}]`).count() === 0)
  })
  check('radio: who took it', (await client.get(`/incidents/${id}`)).receipt === 'No. 77')
}

async function signals_joined(page, client, place, known) {
  const raise = async () => (await client.post('/signals', { source: 'officer', category: 'noise', words: 'again', place })).id
  const [first, second, third] = [await raise(), await raise(), await raise()]
  const begin = async (id) => {
    await page.click(`[data-test=signal-${id}]`)
    await page.click('[data-test=claim]')
    await shown(page, '[data-test=join]')
  }
  await step('radio: a signal is joined to what is known', async () => {
    await begin(first)
    await page.click('[data-test=join]')
    await chosen_value(page, 'ask-incident', known)
    await answered(page)
    await page.locator(`[data-test=signal-${first}]`).waitFor({ state: 'detached' })
  })
  check('radio: joined, none made', (await client.get(`/signals/${first}`)).incident === known)
  await step('radio: a signal is told to be the same as another', async () => {
    await begin(second)
    await page.click('[data-test=signal-duplicate]')
    await chosen_value(page, 'ask-of', third)
    await answered(page)
    await page.locator(`[data-test=signal-${second}]`).waitFor({ state: 'detached' })
  })
  const done = await client.get(`/signals/${second}`)
  check('radio: duplicate of it', done.stage === 'duplicate' && done.duplicate_of === third, JSON.stringify(done))
}

async function placed(page, client, unit) {
  await page.locator('[data-test=side-units]').click()
  await page.fill('[data-test=units] input', unit.callsign)
  await page.locator(`[data-test=unit-${unit.id}] .dots`).click()
  await page.click('[data-test=unit-verb-place]')
  const map = await page.locator('.gl').boundingBox()
  await step('radio: a unit is where it says on radio', async () => {
    await shown(page, '.prompt')
    await page.mouse.click(map.x + map.width * 0.55, map.y + map.height * 0.45)
    await until(async () => {
      const now = (await client.get(`/units/${unit.id}`)).place
      return now && (now.lat !== unit.place.lat || now.lon !== unit.place.lon)
    }, 'its place')
  })
}

export async function radio(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const units = (await client.get('/units?readiness=available&limit=500')).items.filter((one) => !one.is_no_dispatch && !one.is_community && one.place)
  const unit = units[units.length - 1]
  const ids = [await incident_made(client, unit.place), await incident_made(client, unit.place, { type: 'noise' }), await incident_made(client, unit.place, { type: 'noise' })]
  const page = await page_open(browser, { language: run.locale })
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '.unit')
  await planned(page, client, ids[0], unit)
  await receipted(page, client, ids[1])
  await signals_joined(page, client, unit.place, ids[2])
  await placed(page, client, unit)
  await language_checked(page, 'radio', run.language, ['here', 'again', 'no longer', 'planned', 'theirs', `#${number_of(ids[0])}`])
  await axe_checked(page, 'radio')
  faults_checked(page, 'radio')
}

/* Times that the desk keeps to: when it reminds, how long a crew takes to move; and a handover's area. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { answered, chosen_value, incident_made, opened, shown, until } from './hands.mjs'

const CALLSIGN = { en: 'Test Unit 9', 'zh-CN': '试验九号' }
const TURNOUT_S = 75

async function reminders_set(page, other, client) {
  const row = (span) => `[data-test=timing-${span}]`
  const before = (await client.get('/timings')).items[0]
  await page.click('[data-test=view-duty]')
  await step('times: what holds is shown', async () => {
    for (const span of ['waiting_p0_s', 'unseen_s', 'receipt_s']) await until(async () =>
      await page.inputValue(`${row(span)} input`) === String(before[span]), span)
  })
  check('times: nothing to set yet', await page.locator('[data-test=timing-set]').isDisabled())
  await page.fill(`${row('waiting_p2_s')} input`, '420')
  await page.press(`${row('waiting_p2_s')} input`, 'Tab')
  await page.fill(`${row('waiting_p4_s')} input`, '7200')
  await page.press(`${row('waiting_p4_s')} input`, 'Tab')
  await step('times: what was typed is said in minutes', () => page.locator(`${row('waiting_p2_s')} [data-test=timing-text]`, { hasText: '7:00' }).waitFor())
  await step('times: set', async () => {
    await page.click('[data-test=timing-set]')
    await until(async () => (await client.get('/timings')).items[0].seq > before.seq, 'the object')
  })
  const made = (await client.get('/timings')).items[0]
  check('times: all of them, those not touched as before', made.waiting_p2_s === 420 && made.waiting_p4_s === 7200 &&
    ['waiting_p0_s', 'unseen_s', 'receipt_s'].every((span) => made[span] === before[span]), JSON.stringify(made))
  await other.click('[data-test=view-duty]')
  await step('times: an operator sees them without a refresh', () => other.locator(`${row('waiting_p2_s')} [data-test=timing-text]`, { hasText: '7:00' }).waitFor())
  check('times: and does not set them', await other.locator('[data-test=timing-set], [data-test=timing] input').count() === 0)
  await page.click('[data-test=timing-preset]')
  await step('times: back to the defaults', async () => {
    await page.click('[data-test=timing-set]')
    await other.locator(`${row('waiting_p2_s')} [data-test=timing-text]`, { hasText: '5:00' }).waitFor()
  })
  const back = (await client.get('/timings')).items
  check('times: one object, whatever is set', back.length === 1 && back[0].waiting_p2_s === 300 && back[0].waiting_p4_s === 0, JSON.stringify(back))
  const spans = Object.entries(before).filter(([name]) => name.endsWith('_s'))
  await client.post('/timings', Object.fromEntries(spans))
}

async function unit_enrolled(page, client, run) {
  const like = (await client.get('/units?readiness=available&limit=500')).items.find((one) => one.post && !one.is_no_dispatch && !one.is_community)
  await page.click('[data-test=view-posts]')
  await page.click('[data-test=unit-enrol]')
  await page.fill('[data-test=ask-callsign]', CALLSIGN[run.language])
  await chosen_value(page, 'ask-kind', like.kind)
  await chosen_value(page, 'ask-capabilities', like.capabilities.split(' ')[0])
  await chosen_value(page, 'ask-body', like.body)
  await chosen_value(page, 'ask-post', like.post)
  await page.fill('[data-test=ask-turnout_s] input', String(TURNOUT_S))
  await step('times: a unit is enrolled with its turnout', () => answered(page))
  const unit = (await client.get('/units?limit=500')).items.find((one) => one.callsign === CALLSIGN[run.language])
  check('times: as it was typed', unit?.turnout_s === TURNOUT_S && unit.post === like.post && unit.kind === like.kind, JSON.stringify(unit))
}

/* An engine at its house needs the time to move; the recommendation says how much of the minutes that is. */
async function turnout_shown(page, client) {
  const unit = (await client.get('/units?readiness=available&limit=500')).items.find((one) => one.kind === 'engine' && one.turnout_s && one.post)
  const { place } = await client.get(`/posts/${unit.post}`)
  const id = await incident_made(client, place, { type: 'structure_fire' })
  await page.click('[data-test=view-desk]')
  await opened(page, id)
  const slow = (await client.get(`/incidents/${id}/recommendation`)).picks.filter((one) => one.turnout_s)
  check('times: the answer says it', slow.length > 0 && slow.every((one) => one.eta_s >= one.turnout_s), JSON.stringify(slow))
  await step('times: the panel says it', () => page.locator(`[data-test=pick-${slow[0].unit}] [data-test=turnout]`).waitFor())
}

export async function times(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const [page, other] = [await page_open(browser, { language: run.locale }), await page_open(browser, { language: run.locale })]
  for (const [one, name] of [[page, 'commander'], [other, 'operator']]) {
    await login(one, server.base, name, server.accounts[name])
    await shown(one, '.unit')
  }
  await reminders_set(page, other, client)
  await language_checked(page, 'times, duty', run.language)
  await axe_checked(page, 'times, duty')
  await page.locator('[data-test=timing]').scrollIntoViewIfNeeded()
  await shot(page, `timing-${run.language}`)

  await chosen_value(other, 'handover-shift', 'day')
  await step('times: a handover says what it is about', async () => {
    await other.click('[data-test=handover-sign]')
    await shown(other, '[data-test=handover-area]')
    if (!(await other.locator('[data-test=handover-area]').first().innerText()).trim()) throw new Error('nothing')
  })
  await unit_enrolled(page, client, run)
  await turnout_shown(page, client)
  await language_checked(page, 'times, sheet', run.language, ['here', CALLSIGN[run.language]])
  await axe_checked(page, 'times, sheet')
  await shot(page, `turnout-${run.language}`)
  for (const [name, one] of [['times, commander', page], ['times, operator', other]]) faults_checked(one, name)
}

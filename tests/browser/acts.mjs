/* The acts of the desk that the loop does not need every time, each through its own dialog. */
import { check, login, page_open, step } from './check.mjs'
import { alone_chosen, answered, chosen, incident_made, more, opened, shown, staged, unit_menu, until } from './hands.mjs'

async function incidents_acted(page, client, place) {
  const [first, second, third] = [await incident_made(client, place), await incident_made(client, place), await incident_made(client, place, { type: 'noise' })]

  await step('acts: priority is changed with a reason', async () => {
    await opened(page, first)
    await more(page, 'prioritise')
    await chosen(page, 'ask-priority', 'P1')
    await page.fill('[data-test=ask-reason]', 'weapon seen')
    await answered(page)
  })
  check('acts: the first priority stays', (await client.get(`/incidents/${first}`)).initial_priority === 'P2')
  await step('acts: a needed reason is asked for', async () => {
    await more(page, 'amend')
    await page.fill('[data-test=ask-address]', 'corner of the park')
    await page.click('[data-test=ask-submit]')
    await shown(page, '.el-dialog .el-alert')
    await page.fill('[data-test=ask-reason]', 'misheard')
    await answered(page)
  })
  check('acts: the address is corrected', (await client.get(`/incidents/${first}`)).address === 'corner of the park')
  await step('acts: another plan', async () => {
    await more(page, 'triage')
    await chosen(page, 'ask-plan', 'Police, major')
    await page.fill('[data-test=ask-reason]', 'more of them')
    await answered(page)
  })
  check('acts: the plan is in force', (await client.get(`/incidents/${first}`)).plan === 'police-major')
  await step('acts: the alarm level rises', async () => { await more(page, 'escalate'); await answered(page) })
  check('acts: level 2', (await client.get(`/incidents/${first}`)).level === 2)

  await step('acts: two become one', async () => {
    await opened(page, second)
    await more(page, 'merge')
    await chosen(page, 'ask-into', `#${first.split('-').pop()} `)
    await answered(page)
    await staged(page, 'merged')
  })
  await step('acts: and two again', async () => {
    await page.click('[data-test=act-unmerge]')
    await page.fill('[data-test=ask-reason]', 'two places')
    await answered(page)
    await staged(page, 'pending')
  })
  await step('acts: handed to another body', async () => {
    await opened(page, third)
    await more(page, 'transfer')
    await chosen(page, 'ask-to_body')
    await page.fill('[data-test=ask-reason]', 'theirs')
    await answered(page)
    await staged(page, 'transferred')
  })
  return { first, second }
}

async function units_acted(page, client, { first, second }) {
  const found = await client.get(`/incidents/${second}/recommendation`)
  const unit = found.picks[0].unit
  await client.post(`/incidents/${second}/dispatch`, { units: [unit], recommendation: found.digest, reason: 'one is enough' })
  const name = (await client.get(`/units/${unit}`)).callsign
  await step('acts: a unit at work is taken only when that is said', async () => {
    await opened(page, first)
    await alone_chosen(page, { id: unit, callsign: name }, 'nearest')
    await page.click('[data-test=dispatch]')
    const box = page.locator('.el-message-box')
    await box.waitFor()
    check('acts: what is left is named', (await box.innerText()).includes(`#${second.split('-').pop()}`))
    await box.locator('.el-button--primary').click()
    await shown(page, '[data-test^=assignment-][data-stage=sent]')
  })
  check('acts: the other incident waits again', (await client.get(`/incidents/${second}`)).stage === 'pending')

  const idle = (await client.get('/units?limit=500')).items.find((one) => one.readiness === 'available')
  await page.locator('[role=tab]').first().click()
  await page.fill('[data-test=units] input', idle.callsign)
  let before = 'available'
  for (const [verb, readiness] of [['suspend', 'out_of_service'], ['resume', 'available'], ['sign_off', 'off_duty'], ['sign_on', 'available']]) {
    await step(`acts: ${verb}`, async () => {
      await unit_menu(page, idle, before)
      await page.click(`[data-test=unit-verb-${verb}][aria-disabled=false]`)
      if (verb === 'suspend') await chosen(page, 'ask-reason', 'Meal')
      if (verb === 'suspend' || verb === 'sign_on') await answered(page)
      await until(async () => (await client.get(`/units/${idle.id}`)).readiness === readiness, readiness)
      before = readiness
    })
  }
}

export async function desk_acts(browser, server) {
  const client = await server.client().login('commander', server.accounts.commander)
  const unit = (await client.get('/units?limit=1')).items[0]
  const page = await page_open(browser, { language: 'en-US' })
  await login(page, server.base, 'operator2', server.accounts.operator2)
  await shown(page, '.unit')
  await units_acted(page, client, await incidents_acted(page, client, unit.place))
  await step('acts: a signal is dismissed with a reason', async () => {
    await client.post('/signals', { source: 'officer', category: 'noise', words: 'nothing', place: unit.place })
    await page.locator('[data-test^=signal-]').last().click()
    await page.click('[data-test=claim]')
    await page.click('[data-test=dismiss]')
    await chosen(page, 'ask-reason', 'Nothing found')
    await answered(page)
  })
  check('acts: nothing outside, no error on the console', page.faults.length === 0, page.faults.slice(0, 5).join(' | '))
}

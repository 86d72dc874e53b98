/* What is known of an incident: statements by whom and how sure, times put right, the call-back. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { answered, chosen_value, incident_made, more, opened, shown, staged, until } from './hands.mjs'

const WORDS = {
  en: { fact: 'A red van stood across the gate.', opinion: 'She thinks it belongs to the shop.', why: 'typed late', said: 'Quiet since then.' },
  'zh-CN': { fact: '一辆红色面包车横在门口。', opinion: '她认为是店里的车。', why: '补录晚了', said: '之后一直安静。' },
}

async function stated(page, words) {
  const add = async (person, is_opinion, text) => {
    await page.click('[data-test=statement]')
    await chosen_value(page, 'statement-person', person)
    if (is_opinion) await page.click('[data-test=statement-opinion]')
    await page.fill('[data-test=statement-text]', text)
    await page.click('[data-test=statement-add]')
    await page.locator('[data-test=notes] li.statement', { hasText: text }).waitFor()
  }
  await step('facts: a witness states a fact', () => add('witness', false, words.fact))
  await step('facts: the reporter has an opinion', () => add('reporter', true, words.opinion))
}

async function corrected(page, client, id, unit, words) {
  const before = (await client.get(`/incidents/${id}`)).received_us
  await step('facts: a time is put right, with the reason', async () => {
    await page.click('[data-test=correct-received_us]')
    await shown(page, '[data-test=ask-value_us]')
    await page.fill('[data-test=ask-value_us]', 'half past')
    await page.fill('[data-test=ask-reason]', words.why)
    await page.click('[data-test=ask-submit]')
    await shown(page, '.el-dialog .el-alert') /* not a time */
    await page.fill('[data-test=ask-value_us]', '-10')
    await answered(page)
    await page.locator('[data-test=stamp-received_us] s').waitFor()
  })
  const row = await client.get(`/incidents/${id}`)
  const fixed = row.corrections?.received_us
  check('facts: the first time stays beside it', row.received_us === before && fixed?.was !== undefined && fixed.reason === words.why, JSON.stringify(row.corrections))
  const back_s = (Date.now() - Date.parse(fixed?.value ?? '')) / 1000
  check('facts: ten minutes back', back_s > 590 && back_s < 660, String(back_s))

  const assignment = (await client.get(`/assignments?incident=${id}&limit=1`)).items[0]
  await step('facts: a stamp of a unit is put right', async () => {
    await page.click(`[data-test=stamps-${assignment.id}] summary`)
    await page.click(`[data-test=stamps-${assignment.id}] [data-test=correct-en_route_us]`)
    await page.fill('[data-test=ask-value_us]', '-3')
    await page.fill('[data-test=ask-reason]', words.why)
    await answered(page)
    await page.locator(`[data-test=stamps-${assignment.id}] [data-test=stamp-en_route_us] s`).waitFor()
  })
  check('facts: on the assignment, not on the incident', !!(await client.get(`/assignments/${assignment.id}`)).corrections?.en_route_us)
  check('facts: its unit', assignment.unit === unit)
}

export async function facts(browser, server, run) {
  const words = WORDS[run.language]
  const client = await server.client().login('commander', server.accounts.commander)
  const unit = (await client.get('/units?readiness=available&limit=500')).items.find((one) => !one.is_no_dispatch && !one.is_community)
  const id = await incident_made(client, unit.place)
  await client.post(`/incidents/${id}/dispatch`, { units: [unit.id], reason: 'test' })
  const assignment = (await client.get(`/assignments?incident=${id}&limit=1`)).items[0]
  /* The phone's clock was wrong: on scene before it left. */
  const at = (minutes) => ({ at: new Date(Date.now() - minutes * 60_000).toISOString(), at_source: 'device' })
  await client.post(`/assignments/${assignment.id}/depart`, at(0))
  await client.post(`/assignments/${assignment.id}/arrive`, at(5))

  const page = await page_open(browser, { language: run.locale })
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '.unit')
  await opened(page, id)
  await step('facts: times out of order are marked', () => shown(page, '[data-test=out-of-order]'))
  await page.click('[data-test=tab-facts]')
  await stated(page, words)
  const notes = (await client.get(`/incidents/${id}/notes`)).items.map((one) => one.fields ?? one)
  check('facts: who and how sure', notes.some((n) => n.category === 'witness' && n.certainty === 'fact') &&
    notes.some((n) => n.category === 'reporter' && n.certainty === 'opinion'), JSON.stringify(notes))
  await corrected(page, client, id, unit.id, words)
  await language_checked(page, 'facts', run.language, ['here', 'test', words.fact, words.opinion, words.why])
  await axe_checked(page, 'facts')
  await shot(page, `facts-${run.language}`)

  await client.post(`/assignments/${assignment.id}/clear`)
  const type = (await client.get('/catalogue')).types.map((one) => one.document ?? one).find((one) => one.code === 'assault')
  await client.post(`/incidents/${id}/close`, { disposition: type.dispositions[0].code })
  await step('facts: closed, it waits to be called back', async () => {
    await page.click('[data-test=to-review] summary')
    await shown(page, `[data-test=review-${id}]`)
  })
  await step('facts: the reporter is called back', async () => {
    await page.click('[data-test=act-review]')
    await chosen_value(page, 'ask-outcome', 'satisfied')
    await page.fill('[data-test=ask-remark]', words.said)
    await answered(page)
    await staged(page, 'reviewed')
  })
  await step('facts: and waits no longer', () => until(async () => await page.locator(`[data-test=review-${id}]`).count() === 0))
  check('facts: reviewed', (await client.get(`/incidents/${id}`)).outcome === 'satisfied')
  await step('facts: reopened with a reason', async () => {
    await more(page, 'reopen')
    await page.fill('[data-test=ask-reason]', words.why)
    await answered(page)
    await staged(page, 'reopened')
  })
  faults_checked(page, 'facts')
}

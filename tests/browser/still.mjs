/* What is live must not be taken from a hand: a menu stays while its row moves, a report while it is read,
   a list while it is pointed at; and an act is not refused for a change that it does not concern. */
import { check, faults_checked, language_checked, login, page_open, step } from './check.mjs'
import { answered, chosen_value, hidden, incident_made, more, opened, shown, unit_menu, until } from './hands.mjs'

const WORDS = { en: { why: 'weapon', report: 'Somebody is knocking at all doors.' }, 'zh-CN': { why: '持械', report: '有人挨家敲门。' } }

async function menu_stays(page, client, unit) {
  const verb = (name, is_possible) => page.locator(`[data-test=unit-verb-${name}][aria-disabled=${!is_possible}]`)
  await page.click('[data-test=side-units]')
  await page.fill('[data-test=units] input', unit.callsign)
  await unit_menu(page, unit, 'available')
  const [before, at] = [await page.locator('[data-test=unit-menu]').boundingBox(), await verb('resume', false).boundingBox()]
  await client.post(`/units/${unit.id}/suspend`, { reason: 'meal' })
  await step('still: its row has left the group, the menu stays and knows', () => verb('resume', true).waitFor())
  check('still: the menu stands where it stood, each verb in its place', JSON.stringify([before, at]) ===
    JSON.stringify([await page.locator('[data-test=unit-menu]').boundingBox(), await verb('resume', true).boundingBox()]))
  check('still: and says whose it is', (await page.locator('[data-test=unit-menu] b').innerText()) === unit.callsign)
  await step('still: it acts', async () => {
    await verb('resume', true).click()
    await until(async () => (await client.get(`/units/${unit.id}`)).readiness === 'available', 'back')
    await hidden(page, '[data-test=unit-menu]')
  })
  await step('still: by the keyboard, and back to where one was', async () => {
    await shown(page, `[data-test=unit-${unit.id}][data-readiness=available]`)
    const dots = page.locator(`[data-test=unit-${unit.id}] .dots`)
    await dots.focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-test=unit-verb-find]:focus').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.locator('[data-test=unit-verb-place]:focus').waitFor()
    await page.keyboard.press('Escape')
    await hidden(page, '[data-test=unit-menu]')
    await page.locator(`[data-test=unit-${unit.id}] .dots:focus`).waitFor()
  })
  await step('still: the focus goes with the row', async () => {
    await client.post(`/units/${unit.id}/suspend`, { reason: 'meal' })
    await page.locator(`[data-test=unit-${unit.id}][data-readiness=out_of_service] .dots:focus`).waitFor()
    await client.post(`/units/${unit.id}/resume`)
  })
  await page.fill('[data-test=units] input', '')
}

/* The unit ends its job while the menu of that job stands open. */
async function job_menu_stays(page, client, unit, id) {
  await client.post(`/incidents/${id}/dispatch`, { units: [unit.id], reason: 'test' })
  const job = (await client.get(`/assignments?incident=${id}&limit=1`)).items[0].id
  await opened(page, id)
  await page.click(`[data-test=more-${job}]`)
  const cancel = page.locator('[data-test=assignment-verb-cancel]:visible')
  await cancel.waitFor()
  await client.post(`/assignments/${job}/decline`, { reason: 'breakdown' })
  await step('still: the job is over, its menu stays', async () => {
    await shown(page, '[data-test=sheet] [data-test=stage][data-stage=pending]')
    if (!await cancel.isVisible()) throw new Error('the menu is gone')
  })
  await page.keyboard.press('Escape')
  await step('still: and once it is closed the job is past', () => shown(page, `p[data-test=assignment-${job}][data-stage=declined]`))
}

async function report_stays(page, client, words) {
  const { id } = await client.post('/signals', { source: 'officer', category: 'noise', words })
  await page.click(`[data-test=signal-${id}]`)
  await page.locator('[data-test=signals] blockquote', { hasText: words }).waitFor()
  await client.post(`/signals/${id}/claim`)
  await client.post(`/signals/${id}/dismiss`, { reason: 'no_finding' })
  await step('still: a report settled by a colleague stays while it is read', async () => {
    await page.locator('[data-test=claim]').waitFor({ state: 'detached' })
    await page.locator('[data-test=confirm]').waitFor({ state: 'detached' })
    await page.locator('[data-test=signals] blockquote', { hasText: words }).waitFor()
  })
  await step('still: and goes when it is folded', async () => {
    await page.click(`[data-test=signal-${id}]`)
    await page.locator(`[data-test=signal-${id}]`).waitFor({ state: 'detached' })
  })
}

/* In the page: the hand moves on one spot until the count of those who wait has changed, and answers whether the same
   row lies under it then. */
function hand_waits([x, y, count]) {
  const at = () => document.elementFromPoint(x, y)
  const row = () => at()?.closest('[data-test^=incident-]')?.dataset.test
  const before = row()
  return new Promise((done) => {
    const timer = setInterval(() => {
      at()?.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }))
      if (Number(document.querySelector('[data-test=queue] .n').textContent) === count) return
      clearInterval(timer)
      done(row() === before)
    }, 50)
  })
}

/* Something more urgent comes in while a hand points at a row. Nobody is held for longer than 1.5 s, so on a slow
   machine the news may come just then: some of it has to meet the hand. */
async function list_stays(page, client, place) {
  const quiet = await incident_made(client, place, { type: 'noise', priority: 'P3', reason: 'test' })
  const row = page.locator(`[data-test=queue] [data-test=incident-${quiet}]`)
  const made = [quiet]
  await step('still: the row under the hand stays while something more urgent comes in', async () => {
    for (let turn = 0; turn < 5; turn++) {
      await row.hover()
      const [box, count] = [await row.boundingBox(), Number(await page.locator('[data-test=queue] .n').innerText())]
      const spot = [box.x + box.width / 2, box.y + box.height / 2, count]
      const [has_stayed, id] = await Promise.all([page.evaluate(hand_waits, spot), incident_made(client, place, { type: 'assault', priority: 'P0', reason: 'test' })])
      made.push(id)
      await shown(page, `[data-test=queue] [data-test=incident-${id}]`)
      if (has_stayed) return
    }
    throw new Error('it went away each time')
  })
  return made
}

async function acts_go_through(page, client, id, words) {
  await opened(page, id)
  const begun = async (priority) => {
    await more(page, 'prioritise')
    await chosen_value(page, 'ask-priority', priority)
    await page.fill('[data-test=ask-reason]', words.why)
  }
  /* The note comes when the act is on its way, so that no news of it can have reached the page. */
  const statuses = []
  const path = `**/incidents/${id}/prioritise`
  page.on('response', (one) => { if (one.url().endsWith(`${id}/prioritise`)) statuses.push(one.status()) })
  await page.route(path, async (route) => {
    if (!statuses.length) await client.post(`/incidents/${id}/note`, { text: 'seen from the bridge' })
    await route.continue()
  })
  await begun('P1')
  await step('still: a note of a colleague does not stop a change of priority', () => answered(page))
  check('still: the page sent it again by itself', statuses.join() === '412,200', statuses.join())
  await page.unroute(path)
  await until(async () => (await client.get(`/incidents/${id}`)).priority === 'P1', 'P1')
  await page.locator('[data-test=sheet] .badge[aria-label^=P1], [data-test=sheet] .badge[aria-label^="一级"]').first().waitFor()

  await begun('P3')
  await client.post(`/incidents/${id}/prioritise`, { priority: 'P0', reason: words.why })
  await step('still: a change of the same value is shown first', async () => {
    await page.click('[data-test=ask-submit]')
    await page.locator('.el-dialog .el-alert', { hasText: '→' }).waitFor()
  })
  check('still: and nothing was overwritten', (await client.get(`/incidents/${id}`)).priority === 'P0')
  await step('still: seen, it is sent by the next press', () => answered(page))
  check('still: by the person who saw it', (await client.get(`/incidents/${id}`)).priority === 'P3')
}

export async function still(browser, server, run) {
  const words = WORDS[run.language]
  const client = await server.client().login('commander', server.accounts.commander)
  const unit = (await client.get('/units?readiness=available&limit=500')).items.find((one) => !one.is_no_dispatch && !one.is_community && one.place)
  const page = await page_open(browser, { language: run.locale })
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '.unit')
  const id = await incident_made(client, unit.place)
  await opened(page, id)
  await acts_go_through(page, client, id, words)
  await job_menu_stays(page, client, unit, id)
  await menu_stays(page, client, unit)
  await report_stays(page, client, words.report)
  const body = (await client.get('/catalogue')).bodies[0].code
  for (const one of [id, ...await list_stays(page, client, unit.place)]) {
    await client.post(`/incidents/${one}/transfer`, { to_body: body, receipt: 'x', reason: 'test' })
  }
  await language_checked(page, 'still', run.language, ['here', 'test', words.why, words.report, 'seen from the bridge'])
  faults_checked(page, 'still')
}

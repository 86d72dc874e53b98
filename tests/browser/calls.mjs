/* The telephone: a bell that rings, a call that drops, the task to call back, and a form that knows
   its neighbours. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, step } from './check.mjs'
import { answered, chosen_value, hidden, incident_made, shown, staged, until } from './hands.mjs'

const WORDS = { en: 'They are shouting next door again.', 'zh-CN': '隔壁又吵起来了。' }

/* Counts the tones that the page asks for; a machine without loudspeakers still counts. */
function ears() {
  window.tones = 0
  window.AudioContext = class extends window.AudioContext {
    createOscillator() {
      window.tones++
      return super.createOscillator()
    }
  }
}

async function called_back(page, client, exchange, place) {
  const call = await exchange.post('/calls', { line: '110', external_ref: `drop-${Date.now()}`, number: '13900139000', place })
  await step('calls: it rings', () => shown(page, '[data-test=ringing]'))
  await step('calls: and can be heard', () => until(() => page.evaluate(() => window.tones > 0), 'a tone'))
  await exchange.post(`/calls/${call.id}/end`)
  await step('calls: a call that dropped is a task', () => shown(page, `[data-test=call-back-${call.id}]`))
  check('calls: the number is not shown unasked', !(await page.locator(`[data-test=call-back-${call.id}]`).innerText()).includes('13900139000'))
  await step('calls: the number, when asked for', async () => {
    await page.click('[data-test=call-number]')
    await page.locator(`[data-test=call-back-${call.id}]`, { hasText: '13900139000' }).waitFor()
  })
  await step('calls: called back', async () => {
    await page.click('[data-test=call-back]')
    await chosen_value(page, 'ask-outcome', 'reached')
    await answered(page)
    await hidden(page, `[data-test=call-back-${call.id}]`)
  })
  const done = await client.get(`/calls/${call.id}`)
  check('calls: with its result', done.stage === 'call_back_done' && done.outcome === 'reached', JSON.stringify(done))
}

async function silent_call(page, client, exchange, place) {
  const call = await exchange.post('/calls', { line: '119', external_ref: `silent-${Date.now()}`, number: '13900139001', place })
  await shown(page, '[data-test=ringing]')
  await page.click('[data-test=answer]')
  await shown(page, '[data-test=intake]')
  await step('calls: nobody speaks, so it is a task too', async () => {
    await page.click('[data-test=call-silent]')
    await shown(page, `[data-test=call-back-${call.id}]`)
  })
  await page.locator('[data-test=intake] footer button').first().click()
  await page.click('[data-test=call-back]')
  await chosen_value(page, 'ask-outcome', 'unreachable')
  await answered(page)
  check('calls: marked silent', (await client.get(`/calls/${call.id}`)).is_silent === true)
}

/* Known nearby: shown while typing; the words are added to it, or two are made one and two again. */
async function neighbours(page, client, exchange, place, words) {
  const known = await incident_made(client, place, { type: 'noise' })
  const call = await exchange.post('/calls', { line: '110', external_ref: `dup-${Date.now()}`, place })
  await shown(page, '[data-test=ringing]')
  await page.click('[data-test=answer]')
  await page.fill('[data-test=words]', words)
  await step('calls: what is known nearby is shown', () => shown(page, `[data-test=nearby] [data-test=add-to-${known}]`))
  await step('calls: the words go to what is known', async () => {
    await page.click(`[data-test=add-to-${known}]`)
    await staged(page, 'pending')
  })
  check('calls: no second incident, one note', (await client.get(`/incidents/${known}`)).note_count === 1)
  check('calls: the call ended', (await client.get(`/calls/${call.id}`)).stage === 'ended')
  await page.click('[data-test=tab-facts]')
  await step('calls: the note is there', () => page.locator('[data-test=notes] li', { hasText: words }).waitFor())

  const other = await incident_made(client, place, { type: 'noise', address: 'next door' })
  await page.locator(`[data-test=incident-${other}]`).click()
  await step('calls: the sheet says what may be the same', () => shown(page, `[data-test=same-${known}]`))
  await step('calls: two become one', async () => {
    await page.click(`[data-test=same-${known}]`)
    await answered(page)
    await staged(page, 'merged')
  })
  check('calls: it names the one that stays', (await client.get(`/incidents/${other}`)).merged_into === known)
  await step('calls: and two again', async () => {
    await page.click('[data-test=act-unmerge]')
    await page.fill('[data-test=ask-reason]', '2')
    await answered(page)
    await staged(page, 'pending')
  })
}

export async function calls(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const exchange = await server.client().login('exchange', server.accounts.exchange)
  const place = (await client.get('/units?limit=1')).items[0].place
  const page = await page_open(browser, { language: run.locale })
  await page.addInitScript(ears)
  await login(page, server.base, 'operator', server.accounts.operator)
  await shown(page, '.unit')
  await called_back(page, client, exchange, place)
  await silent_call(page, client, exchange, place)
  await neighbours(page, client, exchange, place, WORDS[run.language])
  await language_checked(page, 'calls', run.language, [WORDS[run.language], 'next door', 'here'])
  await axe_checked(page, 'calls')
  faults_checked(page, 'calls')
}

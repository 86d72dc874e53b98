/* What a pair of hands does on the console: choose, ask for more, answer a dialog, look for a row. */
import { WAIT_MS } from './check.mjs'

/* Resolves when the page shows it; polls from outside, since the page's policy forbids eval. */
export function shown(page, selector) { return page.locator(selector).first().waitFor({ state: 'visible' }) }
export function hidden(page, selector) { return page.locator(selector).first().waitFor({ state: 'hidden' }) }

/* Chooses in a list by the words that it shows; without words the first. */
export async function chosen(page, name, text) {
  await page.click(`[data-test=${name}]`)
  const option = page.locator('.el-select-dropdown__item:visible')
  await (text ? option.filter({ hasText: text }) : option).first().click()
}
/* Chooses by the value behind the words, the same in every language. */
export async function chosen_value(page, name, value) {
  await page.click(`[data-test=${name}]`)
  await page.locator(`.el-select-dropdown__item[data-value="${value}"]:visible`).click()
}

/* An act of the sheet's menu, whose dialog stands then. */
export async function more(page, verb) {
  await page.click('[data-test=more]')
  await page.locator(`[data-test=act-${verb}]:visible`).click()
  await shown(page, '[data-test=ask-submit]')
}
/* Presses, and waits until the dialog is gone; a refusal that it shows is thrown. */
export async function answered(page) {
  await page.click('[data-test=ask-submit]')
  await gone_or_refused(page, '[data-test=ask-submit]', '.el-dialog .el-alert')
}
/* Resolves when `selector` is gone; throws what `refusal` says once it is there. */
export async function gone_or_refused(page, selector, refusal) {
  const [there, said] = [page.locator(selector).first(), page.locator(refusal)]
  await until(async () => {
    if (!await there.isVisible()) return true
    const texts = await said.allTextContents()
    if (texts.length) throw new Error(`refused: ${texts.join(' ')}`)
    return false
  }, selector)
}

export function staged(page, stage) { return shown(page, `[data-test=stage][data-stage=${stage}]`) }
export function number_of(id) { return id.split('-').pop() }
export async function opened(page, id) {
  await page.locator(`[data-test=incident-${id}]`).first().click()
  await page.locator('[data-test=sheet] h2', { hasText: `#${number_of(id)}` }).waitFor()
}

/* The menu of a unit that the filter leaves alone on the board, once the page knows its readiness. */
export async function unit_menu(page, unit, readiness) {
  const row = page.locator(`[data-test=unit-${unit.id}][data-readiness=${readiness}]`)
  await until(async () => {
    const folded = page.locator('[data-test=units] .group[aria-expanded=false]')
    if (await folded.count()) await folded.first().click()
    return row.isVisible()
  }, 'the row')
  await row.locator('.dots').click()
  await shown(page, '[data-test=unit-menu]')
}

/* Of all that could be sent only this unit, wherever the panel lists it. */
export async function alone_chosen(page, unit, reason) {
  await shown(page, '[data-test^=pick-]')
  for (const box of await page.locator('[data-test^=pick-] .el-checkbox').all()) await box.click()
  const listed = page.locator(`[data-test=pick-${unit.id}], [data-test=next-${unit.id}]`).first()
  if (await listed.count()) await listed.locator('.el-checkbox').click()
  else {
    await page.click('[data-test=others]')
    await page.locator('.el-select-dropdown__item:visible', { hasText: `${unit.callsign} ·` }).first().click()
    await page.locator('.sheet .meta').click()
  }
  if (await page.locator('[data-test=other-reason]').count()) await page.fill('[data-test=other-reason]', reason)
}

/* An incident at a place, in the queue; fields as the API takes them. */
export async function incident_made(client, place, fields = {}) {
  const made = await client.post('/incidents', { type: 'assault', source: 'phone', address: 'here', chosen: place, is_simulated: true, ...fields })
  if (!fields.scheduled_us) await client.post(`/incidents/${made.id}/enter`)
  return made.id
}
/* Asks again until it is so. */
export async function until(ask, what = 'it', seconds = WAIT_MS / 1000) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (await ask()) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`${what} did not become so in ${seconds} s`)
}

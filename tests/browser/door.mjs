/* The public door: a page that opens on a weak signal, a contact that only the offline key opens, and
   what an officer clears for all to read. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { answered, hidden, incident_made, opened, shown, staged, until } from './hands.mjs'
import { PROGRAM } from './server.mjs'

const PHONE = { size: [390, 844], is_phone: true }
const FIRST_PAGE_BYTES = 100_000
const MIN_COUNT = 10
const WORDS = {
  en: { report: 'Drilling every night after eleven, third floor.', address: '12 Elm Street', contact: 'kim@example.org',
    text: 'A site worked at night without a permit; it has stopped.', again: 'A site worked at night; it was fined and has stopped.' },
  'zh-CN': { report: '三楼每天夜里十一点后还在钻墙。', address: '榆树街12号', contact: '微信 kim_139',
    text: '某工地无证夜间施工，已停工。', again: '某工地夜间施工，已处罚并停工。' },
}

/* Bytes as they came over the wire, answers of the API among them. */
async function weighed(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const sum = { bytes: 0, urls: [] }
  session.on('Network.loadingFinished', (e) => { sum.bytes += e.encodedDataLength })
  session.on('Network.requestWillBeSent', (e) => sum.urls.push(e.request.url))
  return sum
}
const is_map = (url) => /maplibre|\/tiles\//.test(url)

async function reported(browser, server, run, words) {
  const page = await page_open(browser, { language: run.locale, ...PHONE })
  const sum = await weighed(page)
  await page.goto(server.portal)
  await step('door: the page opens', () => shown(page, '.cats input[value=noise]'))
  await page.waitForLoadState('networkidle')
  check(`door: the first page is at most ${FIRST_PAGE_BYTES / 1000} kB`, sum.bytes > 0 && sum.bytes <= FIRST_PAGE_BYTES, `${sum.bytes} bytes`)
  check('door: without the map', !sum.urls.some(is_map), sum.urls.filter(is_map).join(' '))
  console.log(`  first page of the public door: ${(sum.bytes / 1000).toFixed(1)} kB`)

  await page.check('.cats input[value=noise]')
  await page.fill('[data-test=words]', words.report)
  await page.fill('[data-test=address]', words.address)
  await page.fill('[data-test=contact]', '张'.repeat(60))
  await page.click('[data-test=submit]')
  await step('door: a contact that is too long is refused before it is sent', () => shown(page, '.bad'))
  await page.fill('[data-test=contact]', words.contact)
  const sent = page.waitForRequest((request) => request.url().endsWith('/api/public/reports'))
  await page.click('[data-test=submit]')
  const body = (await sent).postData()
  check('door: the contact leaves the browser sealed', !body.includes(words.contact) && /"contact_sealed":"[0-9a-f]{100,}"/.test(body), body)
  await step('door: a code is given', () => shown(page, '[data-test=code]'))
  check('door: the map was not needed', !sum.urls.some(is_map))
  await page.click('[data-test=door-notices]')
  await step('door: nothing is published yet', () => until(async () => await page.locator('.notices').count() === 1 && await page.locator('[data-test=notice]').count() === 0))
  await page.click('.doors button >> nth=0')
  await page.click('[data-test=map-open]')
  await step('door: the map comes when it is opened', () => shown(page, '.place-map canvas'))
  check('door: and only then', sum.urls.some(is_map))
  return page
}

/* What the desk shows is what the command opens. */
async function contact_opened(page, server, place, words) {
  const hex = (await page.locator(`${place} [data-test=sealed-hex]`).innerText()).trim()
  const out = spawnSync(PROGRAM, ['contact', 'open', '--key', join(server.dir, 'secret/contact.key'), hex], { encoding: 'utf8' })
  check('door: the offline key opens what the desk shows', out.stdout === `${words.contact}\n`, out.stderr)
  await page.locator(`${place} [data-test=sealed-copy]`).click()
  await until(async () => await page.evaluate(() => navigator.clipboard.readText()) === hex, 'the clipboard')
}

async function confirmed(page, client, server, words) {
  const { id } = (await client.get('/signals?source=web&order=-id&limit=1')).items[0]
  await step('door: the report is in the inbox', async () => {
    await page.click(`[data-test=signal-${id}]`)
    await page.locator('[data-test=signals] blockquote', { hasText: words.report }).waitFor()
  })
  await contact_opened(page, server, '[data-test=signals]', words)
  await page.click('[data-test=claim]')
  await page.click('[data-test=confirm]')
  await answered(page)
  await staged(page, 'received')
}

async function notices_of(page, server) {
  await page.goto(server.portal)
  await page.click('[data-test=door-notices]')
  await page.locator('.notices .soft').last().waitFor()
  return page.locator('[data-test=notice]').allInnerTexts()
}

async function cleared(page, citizen, server, words) {
  await step('door: a commander clears it in words of his own', async () => {
    await page.click('[data-test=publish]')
    await shown(page, '[data-test=ask-text]')
    check('door: nothing of the report is offered', await page.inputValue('[data-test=ask-text]') === '')
    await page.fill('[data-test=ask-text]', words.text)
    await answered(page)
    await page.locator('[data-test=published]', { hasText: words.text }).waitFor()
  })
  await step('door: all can read it', () => until(async () => (await notices_of(citizen, server)).some((one) => one.includes(words.text))))
  await page.click('[data-test=publish]')
  await page.fill('[data-test=ask-text]', words.again)
  await answered(page)
  await step('door: reworded', () => until(async () => (await notices_of(citizen, server)).join().includes(words.again)))
  const all = (await citizen.locator('main').innerText())
  check('door: none of the reporter\'s words, nor the place', ![words.report, words.address, words.text].some((one) => all.includes(one)), all)
}

async function counted(citizen, client, server, place) {
  const made = []
  for (let i = 0; i < MIN_COUNT; i++) made.push(await incident_made(client, place, { type: 'noise' }))
  const type = (await client.get('/catalogue')).types.map((one) => one.document ?? one).find((one) => one.code === 'noise')
  for (const id of made) await client.post(`/incidents/${id}/close`, { disposition: type.dispositions[0].code })
  await server.down()
  await server.up() /* counts are made at the start, and every ten minutes */
  await notices_of(citizen, server)
  await step('door: how many there were this month', () => shown(citizen, '.notices dl dd'))
  const counts = (await citizen.locator('.notices dd').allInnerTexts()).map(Number)
  check('door: and no small number', counts.length > 0 && counts.every((n) => n >= MIN_COUNT), counts.join())
}

export async function door(browser, server, run) {
  const words = WORDS[run.language]
  const client = await server.client().login('commander', server.accounts.commander)
  const place = (await client.get('/units?limit=1')).items[0].place
  const citizen = await reported(browser, server, run, words)

  const page = await page_open(browser, { language: run.locale })
  await login(page, server.base, 'commander', server.accounts.commander)
  await shown(page, '.unit')
  await confirmed(page, client, server, words)
  await page.click('[data-test=tab-facts]')
  await step('door: the desk can still ask for the contact', async () => {
    await page.click('[data-test=report-contact]')
    await shown(page, '[data-test=reports] [data-test=sealed-hex]')
  })
  await contact_opened(page, server, '[data-test=reports]', words)
  await cleared(page, citizen, server, words)
  const mine = Object.values(words)
  await language_checked(page, 'door, desk', run.language, mine)
  await axe_checked(page, 'door, desk')
  await shot(page, `report-${run.language}`)
  await language_checked(citizen, 'door, notices', run.language, mine)
  await axe_checked(citizen, 'door, notices')
  await shot(citizen, `notices-${run.language}`)

  await step('door: an operator sees it, and does not publish', async () => {
    const other = await page_open(browser, { language: run.locale })
    await login(other, server.base, 'operator', server.accounts.operator)
    await shown(other, '.unit')
    await opened(other, (await client.get('/signals?source=web&order=-id&limit=1')).items[0].incident)
    await other.click('[data-test=tab-facts]')
    await other.locator('[data-test=published]', { hasText: words.again }).waitFor()
    check('door: no button for it', await other.locator('[data-test=publish], [data-test=withdraw]').count() === 0)
    faults_checked(other, 'door, operator')
    await other.context().close()
  })
  await step('door: withdrawn with a reason', async () => {
    await page.click('[data-test=withdraw]')
    await page.fill('[data-test=ask-reason]', 'appeal')
    await answered(page)
    await hidden(page, '[data-test=published]')
  })
  await step('door: nobody reads it any more', () => until(async () => (await notices_of(citizen, server)).length === 0))
  faults_checked(page, 'door, desk')
  await page.context().close()
  await counted(citizen, client, server, place)
  await language_checked(citizen, 'door, counts', run.language)
  await shot(citizen, `counts-${run.language}`)
  faults_checked(citizen, 'door, public')
}

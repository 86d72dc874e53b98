/* Safety on both faces: hazards before anybody is sent, the emergency button and its receipt, whether all is well,
   bells heard once for the room, and notices. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { answered, chosen_value, hidden, incident_made, opened, shown, until } from './hands.mjs'

const WORDS = {
  en: { danger: 'gas bottles behind the house', ground: 'seen on a visit', notice: 'Ice on the bridge', typed: 'loose rail on the third floor', why: 'help is there' },
  'zh-CN': { danger: '屋后存放液化气瓶', ground: '走访所见', notice: '桥面结冰', typed: '三楼扶手松动', why: '增援已到' },
}
const PHONE = { size: [390, 844], is_phone: true, scheme: 'dark' }

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
const tones = (page) => page.evaluate(() => window.tones)

async function bells(desk, other, client, id) {
  const ring = `[data-test=rings-${id}]`
  await step('safety: what nobody works on rings, and stands there', async () => {
    await shown(desk, ring)
    await shown(other, ring)
    await until(async () => await tones(desk) > 0, 'a tone')
  })
  await step('safety: heard at one desk it is heard at all', async () => {
    await desk.click(`${ring} [data-test=heard]`)
    await hidden(other, ring)
  })
  const before = await tones(desk)
  await client.post(`/incidents/${id}/note`, { text: 'x' })
  check('safety: no bell without news', await tones(desk) === before && await desk.locator(ring).count() === 0)
  await client.post(`/incidents/${id}/prioritise`, { priority: 'P1', reason: 'x' })
  await step('safety: news rings anew', () => shown(other, ring))
  await desk.keyboard.press('h')
  await step('safety: all of it by one key', () => hidden(other, ring))
}

async function hazards(desk, client, place, id, words) {
  const made = await client.post('/hazards', { kind: 'gas', place, note: words.danger, ground: words.ground })
  await opened(desk, id)
  await step('safety: the hazard stands on the sheet before anybody is sent', () => desk.locator(`[data-test=${made.id}]`, { hasText: words.danger }).waitFor())
  await step('safety: another one is put there from the sheet', async () => {
    await desk.click('[data-test=hazard-add-here]')
    await chosen_value(desk, 'ask-kind', 'floor')
    await desk.fill('[data-test=ask-note]', words.typed)
    await desk.fill('[data-test=ask-ground]', words.ground)
    await answered(desk)
    await desk.locator('[data-test=hazard-hint]', { hasText: words.typed }).waitFor()
  })
  return made
}

async function hazards_listed(desk, made, words) {
  await desk.click('[data-test=view-posts]')
  await desk.fill('[data-test=hazard-find]', words.typed)
  const card = desk.locator('[data-test=hazards]')
  await step('safety: found in the list, put right, taken away', async () => {
    await card.locator('li', { hasText: words.typed }).waitFor()
    check('safety: the list leaves out the others', await card.locator(`[data-test=${made.id}]`).count() === 0)
    await card.locator('[data-test=hazard-amend]').first().click()
    await desk.fill('[data-test=ask-note]', `${words.typed} 2`)
    await desk.fill('[data-test=ask-ground]', words.ground)
    await answered(desk)
    await card.locator('li', { hasText: `${words.typed} 2` }).waitFor()
    await card.locator('[data-test=hazard-lift]').first().click()
    await desk.fill('[data-test=ask-reason]', words.why)
    await answered(desk)
    await card.locator('li', { hasText: words.typed }).waitFor({ state: 'detached' })
  })
  await desk.click('[data-test=view-desk]')
}

async function pressed(phone) {
  await phone.click('[data-test=emergency]')
  await phone.click('[data-test=emergency-confirm]')
}

async function emergency(desk, other, phone, client, unit, me, words) {
  await desk.evaluate(() => localStorage.setItem('anwang.sound', 'off'))
  await desk.reload()
  await shown(desk, '[data-test=bells]')
  await desk.locator('[data-test=desk]').click({ position: { x: 5, y: 300 } })
  await step('safety: one press asks, and can be given up', async () => {
    await phone.click('[data-test=emergency]')
    await shown(phone, '[data-test=emergency-sheet]')
    await phone.click('[data-test=emergency-cancel]')
    await hidden(phone, '[data-test=emergency-sheet]')
  })
  check('safety: nothing has been sent', (await client.get(`/emergencies?unit=${unit.id}&stage=raised`)).items.length === 0)
  await pressed(phone)
  await step('safety: the second sends at once', () => shown(phone, '[data-test=emergency-state][data-stage=raised]'))
  const [raised] = (await client.get(`/emergencies?unit=${unit.id}&stage=raised`)).items
  const bar = `[data-test=${raised.id}]`
  await step('safety: every desk shows it', async () => {
    await shown(desk, bar)
    await shown(other, bar)
  })
  await step('safety: it sounds though the sound is off', () => until(async () => await tones(desk) > 0, 'a tone'))
  await desk.click(`${bar} [data-test=emergency-map]`)
  await desk.click(`${bar} [data-test=emergency-seen]`)
  await step('safety: the phone says who has seen it', () => phone.locator('[data-test=emergency-state][data-stage=acknowledged]', { hasText: me }).waitFor())
  await step('safety: seen once is seen in the whole room', () => hidden(other, `${bar} [data-test=emergency-seen]`))
  await desk.click(`${bar} [data-test=emergency-clear]`)
  await desk.fill('[data-test=ask-reason]', words.why)
  await answered(desk)
  await step('safety: cleared it is gone everywhere', async () => {
    await hidden(phone, '[data-test=emergency-state]')
    await hidden(other, bar)
  })
  await desk.evaluate(() => localStorage.removeItem('anwang.sound'))
}

async function without_signal(phone, server, client, unit) {
  phone.is_offline = true
  await server.down()
  await pressed(phone)
  await step('safety: without signal the page says that it has not gone yet', () => shown(phone, '[data-test=emergency-state][data-stage=queued]'))
  await server.up()
  await step('safety: it goes by itself when there is signal', () => shown(phone, '[data-test=emergency-state][data-stage=raised]'))
  phone.is_offline = false
  const all = (await client.get(`/emergencies?unit=${unit.id}&stage=raised`)).items
  check('safety: once', all.length === 1, JSON.stringify(all))
  await client.post(`/emergencies/${all[0].id}/clear`, { reason: 'x' })
}

async function check_in(desk, phone, client, order) {
  await client.post(`/assignments/${order}/ask`)
  await step('safety: the phone asks whether all is well', () => shown(phone, '[data-test=check-in]'))
  await step('safety: the desk sees that it was asked', () => shown(desk, '[data-test=asked]'))
  await phone.click('[data-test=all-well]')
  await step('safety: one press answers', () => hidden(phone, '[data-test=check-in]'))
  await until(async () => !!(await client.get(`/assignments/${order}`)).checked_us, 'the answer')
}

async function team(phone, client, id, mate) {
  await client.post(`/incidents/${id}/dispatch`, { units: [mate.id], reason: 'x' })
  await step('safety: who else is coming, and when', () => phone.locator(`[data-test=mate-${mate.id}]`, { hasText: /\d:\d\d/ }).waitFor())
}

async function notices(desk, phone, client, unit, words) {
  await desk.click('[data-test=view-duty]')
  await desk.fill('[data-test=notice-text]', words.notice)
  await desk.click('[data-test=notice-post]')
  const line = desk.locator('[data-test=notices] li', { hasText: words.notice })
  const missing = async () => (await line.locator('[data-test=notice-missing]').textContent()).split(/[,、，]/).map((one) => one.trim())
  await line.locator('summary').click()
  await step('safety: a notice, and who has not read it', () => until(async () => (await missing()).includes(unit.callsign), 'the list'))
  const [notice] = (await client.get('/notices?limit=1')).items
  await phone.click(`[data-test=confirm-${notice.id}]`)
  await step('safety: read on the phone, it is gone there', () => hidden(phone, `[data-test=notice-${notice.id}]`))
  await step('safety: and the desk sees it', () => until(async () => !(await missing()).includes(unit.callsign), 'the list'))
  await shot(desk, 'notices')
  await client.post(`/notices/${notice.id}/withdraw`, { reason: 'x' })
  await desk.click('[data-test=view-desk]')
}

export async function safety(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const field = await server.client().login('field2', server.accounts.field2)
  const words = WORDS[run.language]
  const unit = await client.get(`/units/${field.me.user.unit}`)
  if (unit.readiness === 'off_duty') await client.post(`/units/${unit.id}/sign_on`, { crew: 2 })
  const mate = (await client.get('/units?readiness=available&limit=200')).items.find((one) => one.id !== unit.id && !one.is_community && !one.is_no_dispatch)
  const desk = await page_open(browser, { language: run.locale })
  const other = await page_open(browser, { language: run.locale })
  await desk.addInitScript(ears)
  await login(desk, `${server.base}/`, 'operator', server.accounts.operator)
  await login(other, `${server.base}/`, 'commander', server.accounts.commander)
  /* The strip shows the first few; what former parts left ringing is heard. */
  for (const one of (await client.get('/incidents?stage=received,pending,open,controlled,reopened&limit=500')).items) {
    if (one.bell) await client.post(`/incidents/${one.id}/hear`)
  }
  const id = await incident_made(client, unit.place)
  await bells(desk, other, client, id)
  const made = await hazards(desk, client, unit.place, id, words)
  const phone = await page_open(browser, { language: run.locale, ...PHONE, place: unit.place })
  await login(phone, `${server.base}/field`, 'field2', server.accounts.field2)
  await client.post(`/incidents/${id}/dispatch`, { units: [unit.id], reason: 'test' })
  const order = (await client.get(`/assignments?incident=${id}&limit=1`)).items[0].id
  await client.post(`/assignments/${order}/arrive`)
  await step('safety: the order names the hazards', () => phone.locator(`[data-test=hazards] [data-test=${made.id}]`, { hasText: words.danger }).waitFor())
  await opened(desk, id)
  await check_in(desk, phone, client, order)
  await team(phone, client, id, mate)
  await language_checked(phone, 'safety, phone', run.language, Object.values(words))
  await axe_checked(phone, 'safety, phone at night')
  await shot(phone, `field-safety-${run.language}`)
  await emergency(desk, other, phone, client, unit, desk.me ?? (await server.client().login('operator', server.accounts.operator)).me.user.name, words)
  await axe_checked(desk, 'safety, desk')
  await language_checked(desk, 'safety, desk', run.language, Object.values(words))
  await hazards_listed(desk, made, words)
  await notices(desk, phone, client, unit, words)
  await without_signal(phone, server, client, unit)
  for (const one of (await client.get(`/assignments?incident=${id}&stage=sent,on_scene`)).items) await client.post(`/assignments/${one.id}/clear`)
  await client.post(`/hazards/${made.id}/lift`, { reason: 'x' })
  await client.post(`/incidents/${id}/close`, { disposition: 'handled' }).catch(async () =>
    client.post(`/incidents/${id}/transfer`, { to_body: (await client.get('/catalogue')).bodies[0].code, receipt: 'x', reason: 'x' }))
  desk.faults = desk.faults.filter((fault) => !fault.includes('ERR_CONNECTION') && !fault.includes('/push'))
  other.faults = []
  faults_checked(desk, 'safety, desk')
  faults_checked(phone, 'safety, phone')
}

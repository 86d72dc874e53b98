/* The loop as people walk it, each on their own page. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { answered, chosen, shown, until } from './hands.mjs'

const PHONE = { size: [390, 844], is_phone: true }
const WORDS = {
  en: { report: 'Two men are fighting outside the shop, one has a bottle.', note: 'Both calmed down, one cut on the hand.',
    call: 'My neighbour is shouting for help.', remark: 'Both parties heard, no charges.', address: 'corner by the shop' },
  'zh-CN': { report: '店门口有两个人打架，其中一个拿着酒瓶。', note: '双方已冷静，一人手部划伤。',
    call: '隔壁有人喊救命。', remark: '双方已作询问，不追究。', address: '商店旁边路口' },
}

async function report_made(browser, server, run, place, words) {
  const page = await page_open(browser, { language: run.locale, ...PHONE, place })
  await page.goto(server.portal)
  await step('public: the page opens with its categories', () => shown(page, '.cats label'))
  check('public: first line names the emergency numbers', (await page.locator('.danger').innerText()).includes('110'))
  await language_checked(page, 'public', run.language)
  await axe_checked(page, 'public')
  await page.locator('.cats label').first().click()
  await page.fill('[data-test=words]', words.report)
  await page.fill('[data-test=address]', words.address)
  await page.locator('.portal .row button').first().click()
  await page.click('[data-test=map-open]')
  await step('public: the place is found', () => shown(page, '.place-map .maplibregl-marker'))
  await shot(page, `portal-${run.language}`)
  await page.click('[data-test=submit]')
  const code = await step('public: a code is given', async () => {
    await shown(page, '[data-test=code]')
    return (await page.locator('[data-test=code]').innerText()).trim()
  })
  check('public: the code has its form', /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3,}$/.test(code), code)
  return { page, code }
}

async function report_followed(page, code, name) {
  await page.click('[data-test=door-follow]')
  await page.fill('[data-test=code-in]', code)
  await page.click('[data-test=follow]')
  return step(`public: ${name}`, async () => {
    await shown(page, '[data-test=found]')
    return page.locator('[data-test=found] h2').innerText()
  })
}

async function field_worked(page, run, words) {
  for (const verb of ['see', 'depart', 'arrive']) {
    await step(`field: ${verb}`, async () => {
      await page.click(`[data-test=next][data-verb=${verb}]`)
      await page.locator('[data-test=waiting]').waitFor({ state: 'detached' })
    })
    if (verb === 'depart') await shot(page, `field-${run.language}`)
  }
  await step('field: a note written without signal waits', async () => {
    page.is_offline = true
    await page.context().setOffline(true)
    await page.click('[data-test=note]')
    await page.fill('[data-test=note-text]', words.note)
    await page.click('[data-test=note-send]')
    await shown(page, '[data-test=waiting]')
  })
  await step('field: it is sent when the signal is back', async () => {
    await page.context().setOffline(false)
    await page.locator('[data-test=waiting]').waitFor({ state: 'detached' })
    page.is_offline = false
  })
  await step('field: a photo is sent', async () => {
    const png = await page.evaluate(async () => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 320, height: 200 })
      canvas.getContext('2d').fillStyle = '#2464b4'
      canvas.getContext('2d').fillRect(40, 30, 200, 120)
      return canvas.toDataURL('image/png').split(',')[1]
    })
    const [answer] = await Promise.all([page.waitForResponse((one) => one.url().endsWith('/photos')),
      page.setInputFiles('[data-test=photo-file]', { name: 'x.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') })])
    check('field: the photo was taken', answer.ok(), String(answer.status()))
    await page.locator('[data-test=waiting]').waitFor({ state: 'detached' })
    check('field: nothing was refused', await page.locator('.band.bad').count() === 0)
  })
}

async function call_taken(page, server, run, place, words) {
  const exchange = await server.client().login('exchange', server.accounts.exchange)
  const call = await exchange.post('/calls', { line: '110', external_ref: `t-${Date.now()}`, number: '13800138000', place })
  await step('desk: the telephone rings on the page', () => shown(page, '[data-test=ringing]'))
  await step('desk: answering pops the form', async () => {
    await page.click('[data-test=answer]')
    await shown(page, '[data-test=intake]')
  })
  await page.fill('[data-test=words]', words.call)
  const street = (await exchange_street(server)).slice(0, 12)
  await page.fill('[data-test=address]', street)
  await step('desk: the address is suggested', () => shown(page, '[data-test=hit-0]'))
  await page.click('[data-test=hit-0]')
  check('desk: the words of the caller stay as they are', await page.inputValue('[data-test=address]') === street)
  await chosen(page, 'type', run.language === 'en' ? 'Assault' : '故意伤害')
  await step('desk: its questions are asked', () => shown(page, '.questions .q'))
  await page.locator('.questions .el-radio-button').first().click()
  await language_checked(page, 'desk, form', run.language)
  await axe_checked(page, 'desk, form')
  await shot(page, `intake-${run.language}`)
  await step('desk: the call becomes an incident', async () => {
    await page.click('[data-test=intake-submit]')
    await shown(page, '[data-test=sheet] [data-test=stage][data-stage=pending]')
  })
  check('desk: the call ended', (await exchange_call(server, call.id)).stage === 'ended')
}
let desk_client

/* What was typed survives a lost connection, and sending it again sends it once. */
async function desk_kept(page, words) {
  const text = `${words.note} 2`
  await page.click('[data-test=tab-facts]')
  await page.fill('[data-test=note-text]', text)
  page.is_offline = true
  await page.context().setOffline(true)
  await page.click('[data-test=note-add]')
  await step('desk: without a connection it says so', () => shown(page, '.facts .el-alert'))
  check('desk: and keeps the text', await page.inputValue('[data-test=note-text]') === text)
  await page.context().setOffline(false)
  await step('desk: the note is sent once', async () => {
    await page.click('[data-test=note-add]')
    await page.locator('[data-test=notes] li', { hasText: text }).waitFor()
  })
  page.is_offline = false
  check('desk: one note', await page.locator('[data-test=notes] li', { hasText: text }).count() === 1)
}

async function closure_drawn(page, run) {
  await page.click('[data-test=map-closure]')
  const map = await page.locator('.gl').boundingBox()
  await page.mouse.click(map.x + map.width * 0.4, map.y + map.height * 0.5)
  await page.mouse.click(map.x + map.width * 0.5, map.y + map.height * 0.5)
  await page.keyboard.press('Enter')
  await step('desk: a line drawn on the map becomes a closure', async () => {
    await shown(page, '[data-test=ask-reason]')
    await chosen(page, 'ask-reason', run.language === 'en' ? 'Flood' : '积水')
    await page.click('[data-test=ask-submit]')
    await page.locator('[data-test=ask]').waitFor({ state: 'hidden' })
  })
  await page.click('[data-test=view-posts]')
  await step('desk: it is lifted from the list', async () => {
    await page.click('[data-test=closure-lift]')
    await page.fill('[data-test=ask-reason]', 'ok')
    await page.click('[data-test=ask-submit]')
    await page.locator('[data-test=closure-lift]').waitFor({ state: 'detached' })
  })
}

/* Two tabs of one user share one stream; when the first closes, the second takes it over. */
async function tabs_shared(page, server) {
  const second = await page.context().newPage()
  let streams = 0
  second.on('request', (request) => { if (request.url().includes('/push')) streams++ })
  await second.goto(server.base)
  await step('second tab: has its lists', () => shown(second, '.unit'))
  check('second tab: opens no stream of its own', streams === 0)
  await desk_client.post('/signals', { source: 'officer', category: 'noise', words: 'x' })
  await step('second tab: is told by the first', () => shown(second, '[data-test^=signal-]'))
  await page.goto('about:blank')
  await step('second tab: takes the stream over', async () => {
    await until(() => streams > 0, 'a stream')
    if (streams !== 1) throw new Error(`${streams} streams`)
  })
  await second.close()
}
async function exchange_street(server) {
  const hits = await desk_client.get('/places/search?q=' + encodeURIComponent(server.street_query) + '&limit=1')
  return hits.items[0].text
}
function exchange_call(server, id) { return desk_client.get(`/calls/${id}`) }

export async function walk(browser, server, run) {
  const words = WORDS[run.language]
  server.street_query = run.city === 'sf' ? 'mission' : '南京'
  desk_client = await server.client().login('commander', server.accounts.commander)
  const field_client = await server.client().login('field1', server.accounts.field1)
  const unit = await desk_client.get(`/units/${field_client.me.user.unit}`)

  const desk = await page_open(browser, { language: run.locale })
  await desk.goto(server.base)
  await step('desk: the door opens', () => shown(desk, '[data-test=login]'))
  await language_checked(desk, 'door', run.language)
  await axe_checked(desk, 'door')
  await login(desk, server.base, 'operator', 'wrong-password')
  await step('desk: a wrong password is said', () => shown(desk, '[role=alert]'))
  desk.faults = desk.faults.filter((fault) => !fault.includes('/session')) /* that refusal was wanted */
  const began = Date.now()
  await login(desk, server.base, 'operator', server.accounts.operator)
  await step('desk: units and log are there', async () => { await shown(desk, '.unit'); await shown(desk, '.log li') })
  console.log(`desk usable ${Date.now() - began} ms after the door`)

  const { page: citizen, code } = await report_made(browser, server, run, unit.place, words)
  const first_stage = await report_followed(citizen, code, 'the code shows that it came in')

  /* ---- verify ---- */
  await step('desk: the report comes in by itself', () => shown(desk, '[data-test^=signal-]'))
  await desk.locator('[data-test^=signal-]').first().click()
  await step('desk: its words are shown for verifying', () => desk.locator('blockquote', { hasText: words.report }).waitFor())
  await desk.click('[data-test=claim]')
  await desk.click('[data-test=confirm]')
  await step('desk: the question is asked in a dialog', () => shown(desk, '[data-test=ask-type]'))
  await chosen(desk, 'ask-type', run.language === 'en' ? 'Assault' : '故意伤害')
  await chosen(desk, 'ask-priority', 'en' === run.language ? 'P2' : '二级')
  await axe_checked(desk, 'desk, dialog')
  await desk.click('[data-test=ask-submit]')
  await step('desk: it is an incident', () => shown(desk, '[data-test=sheet]'))

  /* ---- dispatch ---- */
  await step('desk: the field account\'s unit is recommended', () => shown(desk, `[data-test=pick-${unit.id}]`))
  check('desk: two units are recommended', await desk.locator('[data-test^=pick-]').count() === 2)
  await desk.locator(`[data-test=pick-${unit.id}] .way`).click()
  await language_checked(desk, 'desk, sheet', run.language, [words.report])
  await axe_checked(desk, 'desk, sheet')
  await shot(desk, `desk-${run.language}`)
  await desk.keyboard.press('Enter')
  await step('desk: both are sent by one key', async () => {
    await desk.locator('[data-test^=assignment-][data-stage=sent]').nth(1).waitFor()
  })
  const incident = await desk_client.get('/incidents?stage=open&limit=5')
  const id = incident.items[0]?.id

  /* ---- the unit works ---- */
  const field = await page_open(browser, { language: run.locale, ...PHONE, place: unit.place })
  await login(field, `${server.base}/field`, 'field1', server.accounts.field1)
  await step('field: the order is there', () => shown(field, '[data-test=job]'))
  await step('field: it has the words of the caller', () => field.locator('blockquote', { hasText: words.report }).waitFor())
  await language_checked(field, 'field', run.language, [words.report])
  await axe_checked(field, 'field')
  await field_worked(field, run, words)
  await step('desk: sees it on scene without a refresh', () => desk.locator('[data-test^=assignment-][data-stage=on_scene]').first().waitFor())

  /* ---- the second unit reports by radio ---- */
  for (const verb of ['see', 'depart', 'arrive', 'clear']) {
    await step(`desk: ${verb} for the other unit`, async () => {
      const other = desk.locator('[data-test^=assignment-]:not([data-stage=on_scene])', { has: desk.locator(`[data-test=next-${verb}]`) })
      await (verb === 'clear' ? desk.locator('[data-test=next-clear]').last() : other.locator(`[data-test=next-${verb}]`)).click()
      const stage = { see: 'seen', depart: 'en_route', arrive: 'on_scene', clear: 'cleared' }[verb]
      await desk.locator(`[data-test^=assignment-][data-stage=${stage}]`).nth(verb === 'arrive' ? 1 : 0).waitFor()
    })
  }
  await step('desk: under control', async () => {
    await desk.click('[data-test=act-control]')
    await shown(desk, '[data-test=stage][data-stage=controlled]')
  })
  await step('the last unit clears', async () => {
    const left = (await desk_client.get(`/assignments?incident=${id}&stage=on_scene&limit=1`)).items[0]
    if (left.unit === unit.id) {
      await field.click('[data-test=next][data-verb=clear]')
      await field.click('[data-test=clear-send]')
      await field.locator('[data-test=job]').waitFor({ state: 'detached' })
    } else await desk.click('[data-test=next-clear]')
    await desk.locator('[data-test^=assignment-][data-stage=cleared]').nth(1).waitFor()
  })

  /* ---- close ---- */
  await desk.click('[data-test=act-close]')
  await chosen(desk, 'ask-disposition', run.language === 'en' ? 'Handled' : '已处置')
  await desk.fill('[data-test=ask-remark]', words.remark)
  await step('desk: closed with a disposition', async () => {
    await desk.click('[data-test=ask-submit]')
    await shown(desk, '[data-test=stage][data-stage=closed]')
  })
  await desk.click('[data-test=tab-history]')
  await step('desk: the whole history is there', () => desk.locator('[data-test=history] li').nth(12).waitFor())
  const events = await desk.locator('[data-test=history] li').evaluateAll((rows) => rows.map((row) => row.dataset.event))
  const count = (event) => events.filter((one) => one === event).length
  check('history: received once', count('incident_received') === 1, events.join(' '))
  check('history: two assigned', count('assignment_made') === 2, events.join(' '))
  check('history: each stage of both', count('assignment_moved') === 8, `${count('assignment_moved')}`)
  check('history: note and photo', count('incident_noted') === 1 && count('incident_attached') === 1, events.join(' '))
  await language_checked(desk, 'desk, history', run.language, [words.report])
  await desk.click('[data-test=tab-facts]')
  await step('desk: the note of the field is there', () => desk.locator('[data-test=notes]', { hasText: words.note }).waitFor())
  await step('desk: the photo of the field is there', () => shown(desk, '[data-test=notes] img'))
  await axe_checked(desk, 'desk, facts')
  await desk.click('[data-test=view-search]')
  await step('desk: it is found among all incidents', () => shown(desk, `[data-test=found-${id}]`))
  await language_checked(desk, 'desk, search', run.language)
  for (const view of ['duty', 'posts']) {
    await desk.click(`[data-test=view-${view}]`)
    await shown(desk, '.card')
    await language_checked(desk, `desk, ${view}`, run.language, [words.report])
    await axe_checked(desk, `desk, ${view}`)
  }
  await desk.click('[data-test=view-desk]')
  await citizen.goto(server.portal)
  const last_stage = await report_followed(citizen, code, 'the code shows how it went')
  check('public: the stage has moved on', last_stage !== first_stage, `${first_stage} → ${last_stage}`)

  /* ---- a telephone call, and the same page in the dark and in the other language ---- */
  await call_taken(desk, server, run, unit.place, words)
  await desk.click('[data-test=theme]')
  await axe_checked(desk, 'desk, other theme')
  await shot(desk, `desk-dark-${run.language}`)
  await desk.click('[data-test=language]')
  await language_checked(desk, 'desk, switched', run.language === 'en' ? 'zh-CN' : 'en', [words.report, words.call, words.address, await exchange_street(server),
    ...await names_of_data(desk_client)])
  await desk.click('[data-test=language]')

  await desk_kept(desk, words)
  await closure_drawn(desk, run)
  await tabs_shared(desk, server)

  for (const [name, page] of [['desk', desk], ['field', field], ['public', citizen]]) faults_checked(page, name)
}

/* Proper names that the city brings in one language only. */
async function names_of_data(client) {
  const all = await client.get('/catalogue')
  const units = await client.get('/units?limit=1000')
  const users = await client.get('/users?limit=200').catch(() => ({ items: [] }))
  const session = client.me
  const texts = [...all.areas, ...all.posts, ...all.bodies, ...users.items].map((one) => one.name)
  return [...texts, ...units.items.map((one) => one.callsign), session.city].filter(Boolean)
    .sort((a, b) => b.length - a.length)
}

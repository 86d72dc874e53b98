/* The whole loop without a mouse: the keys that take, send, follow and close, and the command line. */
import { axe_checked, check, faults_checked, language_checked, page_open, shot, step } from './check.mjs'
import { gone_or_refused, number_of, shown, staged, until } from './hands.mjs'

const WORDS = {
  en: { call: 'Shouting and breaking glass upstairs.', street: 'mission', type: 'Assault', outcome: 'Handled', reason: 'weapon seen',
    take: 'take', ack: 'ack', depart: 'enroute', arrive: 'onscene', clear: 'clear', close: 'close', priority: 'priority', note: 'note', said: 'Door opened by a neighbour.' },
  'zh-CN': { call: '楼上有人吵骂、摔玻璃。', street: '南京', type: '故意伤害', outcome: '已处置', reason: '持刀',
    take: '接警', ack: '签收', depart: 'cd', arrive: '到场', clear: 'wb', close: '办结', priority: 'jb', note: '反馈', said: '邻居已开门。' },
}
const MAX_KEYS = 12

/* Types; keys that are no text are counted. */
class Hands {
  constructor(page) { this.page = page; this.count = 0 }
  async key(name) { this.count++; await this.page.keyboard.press(name) }
  async text(words) { await this.page.keyboard.type(words) }
  async command(line) {
    await this.key('/')
    await shown(this.page, '[data-test=command-line]')
    await this.text(line)
    await this.key('Enter')
  }
}
/* The line goes when it was done; a refusal keeps it. */
function done(page) { return gone_or_refused(page, '[data-test=command]', '[data-test=command-fault]') }

async function taken(page, hands, words) {
  await hands.command(words.take)
  await shown(page, '[data-test=intake]')
  await until(() => page.locator('[data-test=words]').evaluate((box) => box === document.activeElement), 'the cursor')
  hands.count = 1 /* one key, N, does the same as the command */
  await hands.text(words.call)
  await step('keys: what was typed outlives the page', async () => {
    await page.reload()
    await shown(page, '[data-test=intake]')
    if (await page.inputValue('[data-test=words]') !== words.call) throw new Error('the words are gone')
    await until(() => page.locator('[data-test=words]').evaluate((box) => box === document.activeElement), 'the cursor')
  })
  await hands.key('Tab')
  await hands.text(words.street)
  await shown(page, '[data-test=hit-0]')
  await hands.key('Enter')
  await until(() => page.locator('.under').count(), 'the place')
  const type = page.locator('[data-test=type] input')
  while (!await type.evaluate((box) => box === document.activeElement)) {
    if (hands.count > MAX_KEYS) throw new Error('the type is too far away')
    await hands.key('Tab')
  }
  await hands.text(words.type)
  await page.locator('.el-select-dropdown__item:visible', { hasText: words.type }).first().waitFor()
  await hands.key('Enter')
  await hands.key('Control+Enter')
  await staged(page, 'pending')
  await shown(page, '[data-test^=pick-]')
  await hands.key('Enter')
  await shown(page, '[data-test^=assignment-][data-stage=sent]')
}

export async function keyboard(browser, server, run) {
  const words = WORDS[run.language]
  const client = await server.client().login('commander', server.accounts.commander)
  const page = await page_open(browser, { language: run.locale })
  const hands = new Hands(page)
  await page.goto(server.base)
  await shown(page, 'input[name=login]')
  await hands.text('operator')
  await hands.key('Tab')
  await hands.text(server.accounts.operator)
  await hands.key('Enter')
  await step('keys: logged in', () => shown(page, '.unit'))

  await step('keys: taken and sent', () => taken(page, hands, words))
  check(`keys: at most ${MAX_KEYS} beyond the text`, hands.count <= MAX_KEYS, String(hands.count))
  const incident = (await client.get('/incidents?stage=open&order=-id&limit=1')).items[0]
  const jobs = (await client.get(`/assignments?incident=${incident.id}&limit=20`)).items
  const units = await Promise.all(jobs.map((one) => client.get(`/units/${one.unit}`)))
  const names = units.map((one) => one.callsign).join(', ')

  await step('keys: it says what it understood', async () => {
    await hands.key('/')
    await hands.text(`${words.ack} ${names}`)
    await page.locator('[data-test=command-echo]', { hasText: units[0].callsign }).waitFor()
  })
  await language_checked(page, 'keys, command line', run.language, [words.call, names])
  await axe_checked(page, 'keys, command line')
  await shot(page, `command-${run.language}`)
  await hands.key('Enter')
  await step('keys: several units in one line', async () => {
    await done(page)
    await until(async () => await page.locator('[data-test^=assignment-][data-stage=seen]').count() === jobs.length, 'all')
  })
  for (const [verb, stage] of [['depart', 'en_route'], ['arrive', 'on_scene']]) {
    await step(`keys: ${verb}`, async () => {
      await hands.command(`${words[verb]} ${names}`)
      await done(page)
      await until(async () => await page.locator(`[data-test^=assignment-][data-stage=${stage}]`).count() === jobs.length, 'all')
    })
  }
  await step('keys: a mistake keeps the text', async () => {
    await hands.command('dispatch #9999')
    await shown(page, '[data-test=command-hint]')
    if (await page.inputValue('[data-test=command-line]') !== 'dispatch #9999') throw new Error('the text is gone')
    await hands.key('Escape')
  })
  await step('keys: a reason is asked for in the line', async () => {
    await hands.command(`${words.priority} ${number_of(incident.id)} 1`)
    await shown(page, '[data-test=command-reason]')
    await hands.text(words.reason)
    await hands.key('Enter')
    await shown(page, '[data-test=command-undo]')
  })
  check('keys: the priority is changed', (await client.get(`/incidents/${incident.id}`)).priority === 'P1')
  await step('keys: taken back', async () => {
    await hands.key('Control+z')
    await until(async () => (await client.get(`/incidents/${incident.id}`)).priority === incident.priority, 'the priority')
  })
  await step('keys: a note', () => hands.command(`${words.note} ${words.said}`).then(() => done(page)))
  check('keys: the note is there', (await client.get(`/incidents/${incident.id}`)).note_count === 1)
  await step('keys: the line before comes back', async () => {
    await hands.key('/')
    await hands.key('ArrowUp')
    if (!(await page.inputValue('[data-test=command-line]')).includes(words.said)) throw new Error('no history')
    await hands.key('Escape')
  })
  await step('keys: after a reload the same sheet stands there, and the lines are kept', async () => {
    await page.reload()
    await shown(page, '[data-test=sheet] [data-test=stage][data-stage=open]')
    await shown(page, '.unit')
    await hands.key('/')
    await hands.key('ArrowUp')
    if (!(await page.inputValue('[data-test=command-line]')).includes(words.said)) throw new Error('no history')
    await hands.key('Escape')
  })
  await step('keys: cleared and closed', async () => {
    await hands.command(`${words.clear} ${names}`)
    await done(page)
    await hands.command(`${words.close} ${words.outcome}`)
    await staged(page, 'closed')
  })
  await step('keys: all of them on one sheet', async () => {
    await hands.key('?')
    await shown(page, '[data-test=shortcuts] .verbs')
  })
  await language_checked(page, 'keys, sheet', run.language, [words.call, words.said])
  await axe_checked(page, 'keys, sheet')
  await shot(page, `shortcuts-${run.language}`)
  faults_checked(page, 'keys')
}

/* Keys beyond the text from an idle desk to sent units: a figure of ./bench console. */
export async function keys_counted(page, language) {
  const hands = new Hands(page)
  await taken(page, hands, WORDS[language])
  return hands.count
}

/* A shift: the roster is written, one desk signs what is open over, the other takes it. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { chosen_value, incident_made, shown, until } from './hands.mjs'

const WORDS = { en: 'Lift out of order at the north gate.', 'zh-CN': '北门电梯停用，注意绕行。' }
const TIMES = ['08:00', '16:00']

async function roster_written(page, client, run) {
  const unit = (await client.get('/units?limit=1')).items[0]
  const user = (await client.get('/users?limit=200')).items.find((one) => one.login === 'operator')
  /* The city has rosters of its own, of other days. */
  const of_day = page.locator('[data-test^=roster-roster-]', { hasText: '2026-03-01' })
  await page.click('[data-test=view-duty]')
  await shown(page, '[data-test=roster-set]')
  await page.fill('[data-test=roster-day]', '2026-02-30')
  await chosen_value(page, 'roster-shift', 'evening')
  await chosen_value(page, 'duty-0-duty', 'operator')
  await chosen_value(page, 'duty-0-user', user.id)
  await page.fill('[data-test=duty-0-from]', TIMES[0])
  await page.fill('[data-test=duty-0-until]', TIMES[1])
  await page.click('[data-test=duty-add]')
  await chosen_value(page, 'duty-1-unit', unit.id)
  await page.click('[data-test=roster-set]')
  await step('shift: a day that does not exist is refused, and what was typed stays', async () => {
    await shown(page, '[data-test=rosters] .el-alert')
    if (await page.inputValue('[data-test=duty-0-from]') !== TIMES[0]) throw new Error('the line is gone')
  })
  page.faults = page.faults.filter((fault) => !fault.includes('/rosters')) /* that refusal was wanted */
  await page.fill('[data-test=roster-day]', '2026-03-01')
  await page.click('[data-test=roster-set]')
  await step('shift: the roster stands in the list', () => of_day.filter({ hasText: unit.callsign }).waitFor())
  const made = (await client.get('/rosters?order=-id&limit=1')).items[0]
  check('shift: the roster is whole', made.day === '2026-03-01' && made.shift === 'evening' && made.duties.length === 2 &&
    made.duties[0].user === user.id && made.duties[0].from === TIMES[0] && made.duties[1].unit === unit.id, JSON.stringify(made))
  await of_day.locator('[data-test=roster-again]').click()
  await page.fill('[data-test=roster-day]', '2026-03-01')
  await page.fill('[data-test=duty-0-until]', '17:00')
  await page.click('[data-test=roster-set]')
  await step('shift: the latest one is in force, and only it is shown', async () => {
    await of_day.filter({ hasText: '17:00' }).waitFor()
    await until(async () => await of_day.count() === 1, 'one line')
  })
  await language_checked(page, 'shift', run.language)
  await axe_checked(page, 'shift')
  await shot(page, `duty-${run.language}`)
}

export async function shift(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const place = (await client.get('/units?limit=1')).items[0].place
  const open = await incident_made(client, place, { type: 'noise' })
  const words = WORDS[run.language]

  const leaves = await page_open(browser, { language: run.locale })
  await login(leaves, server.base, 'operator', server.accounts.operator)
  await shown(leaves, '.unit')
  await leaves.click('[data-test=view-duty]')
  check('shift: an operator does not write rosters', await leaves.locator('[data-test=roster-set]').count() === 0)
  await chosen_value(leaves, 'handover-shift', 'night')
  await leaves.fill('[data-test=handover-remark]', words)
  await step('shift: signed', async () => {
    await leaves.click('[data-test=handover-sign]')
    await shown(leaves, '[data-test^=handover-handover-]')
  })
  check('shift: nobody takes over from himself', await leaves.locator('[data-test=handover-accept]').count() === 0)

  const comes = await page_open(browser, { language: run.locale })
  await login(comes, server.base, 'commander', server.accounts.commander)
  await shown(comes, '.unit')
  await comes.click('[data-test=view-duty]')
  await step('shift: the next one reads what was open', async () => {
    await comes.click('[data-test=handover-read]')
    await comes.locator('[data-test=handover-text]', { hasText: words }).waitFor()
    await comes.locator('[data-test^=handover-handover-] .ids', { hasText: `#${open.split('-').pop()}` }).waitFor()
  })
  await step('shift: and takes over', async () => {
    await comes.click('[data-test=handover-accept]')
    await comes.locator('[data-test=handover-accept]').waitFor({ state: 'detached' })
  })
  const done = (await client.get('/handovers?order=-id&limit=1')).items[0]
  check('shift: both names are on it', done.signed_by !== done.accepted_by && done.shift === 'night', JSON.stringify(done))
  await step('shift: the first one sees it without a refresh', () => until(async () =>
    !await leaves.locator('[data-test^=handover-handover-] .wait').count(), 'the sign'))
  await roster_written(comes, client, run)
  for (const [name, page] of [['shift, first', leaves], ['shift, next', comes]]) faults_checked(page, name)
}

/* A card written by hand while the server was away is entered with its true times; and lists are
   narrowed to a jurisdiction, a group, some words. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, step } from './check.mjs'
import { chosen_value, incident_made, number_of, shown, until } from './hands.mjs'

const CARD = '0047'
const WRITER = { en: 'Ann <b>Lee</b>', 'zh-CN': '李某<b>' }
const STREET = { en: 'Mission Street', 'zh-CN': '南京' }
const clock = (ms, zone) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms)

async function time_typed(page, name, text) { await page.fill(`[data-test=card-${name}] input, input[data-test=card-${name}]`, text) }

async function card_entered(page, client, run) {
  const unit = (await client.get('/units?readiness=available&limit=500')).items.find((one) => !one.is_no_dispatch && !one.is_community)
  const { zone } = client.me
  const began = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
  const times = { received: began, dispatched: began + 60_000, arrived: began + 400_000, cleared: began + 1_500_000 }
  await page.click('[data-test=view-duty]')
  await shown(page, '[data-test=card]')
  await page.fill('[data-test=card-number]', CARD)
  await page.fill('[data-test=card-writer]', WRITER[run.language])
  await chosen_value(page, 'card-type', 'assault')
  await page.fill('[data-test=card-address]', STREET[run.language])
  await page.press('[data-test=card-address]', 'Tab')
  await until(async () => await page.inputValue('[data-test=card-place]') === '0', 'the place')
  await page.fill('[data-test=card-words]', '…')
  for (const [name, at] of Object.entries({ ...times, arrived: began - 60_000 })) await time_typed(page, name, clock(at, zone))
  await chosen_value(page, 'card-units', unit.id)
  await page.keyboard.press('Escape')
  await step('paper: times out of order are refused, and all that was typed stays', async () => {
    await page.click('[data-test=card-enter]')
    await shown(page, '[data-test=card-fault]')
    if (await page.inputValue('[data-test=card-number]') !== CARD) throw new Error('the number is gone')
  })
  check('paper: nothing was entered', (await client.get('/incidents?order=-id&limit=5')).items.every((one) => one.external_ref !== `card ${CARD}`))
  await time_typed(page, 'arrived', clock(times.arrived, zone))
  await language_checked(page, 'paper', run.language, [STREET[run.language]])
  await axe_checked(page, 'paper')
  await step('paper: entered', async () => {
    await page.click('[data-test=card-enter]')
    await shown(page, '[data-test=card-entered]')
  })
  const id = await page.getAttribute('[data-test=card-entered] button', 'data-id')
  const incident = await client.get(`/incidents/${id}`)
  const [job] = (await client.get(`/assignments?incident=${id}&limit=5`)).items
  const kept = { received: incident.received_us, dispatched: incident.dispatched_us, arrived: job.on_scene_us, cleared: job.ended_us }
  check('paper: with the times of the card', Object.entries(times).every(([name, at]) => Date.parse(kept[name]) === at), JSON.stringify(kept))
  const log = (await client.get(`/incidents/${id}/log?limit=100`)).items
  const by_desk = log.filter((one) => one.at_source !== 'core')
  check('paper: each act says that it is from paper, who entered it and when', by_desk.length >= 6 &&
    by_desk.every((one) => one.at_source === 'paper' && one.actor?.name && Date.parse(one.recorded) - Date.parse(one.at) > 1_000_000), JSON.stringify(log.map((one) => [one.event, one.at_source])))
  await page.click('[data-test=card-entered] button')
  await step('paper: who wrote the card stands in its history, as text', () =>
    page.locator('[data-test=sheet]', { hasText: `#${number_of(id)}` }).waitFor())
  check('paper: its number is kept', incident.external_ref === `card ${CARD}`, incident.external_ref)
  const unit_now = await client.get(`/units/${unit.id}`)
  check('paper: the unit is free again', unit_now.readiness === 'available', unit_now.readiness)
}

async function narrowed(page, client) {
  const all = (await client.get('/units?limit=500')).items
  const [a, b] = [all[0], all.find((one) => one.area && one.area !== all[0].area) ?? all.at(-1)]
  const first = await incident_made(client, a.place, { address: 'narrow one' })
  const second = await incident_made(client, b.place, { address: 'narrow two', type: 'noise' })
  const row = (id) => page.locator(`[data-test=queue] [data-test=incident-${id}]`)
  await page.click('[data-test=view-desk]')
  await row(first).waitFor()
  await step('paper: the queue by words', async () => {
    await page.fill('[data-test=queue-filter]', 'narrow two')
    await row(first).waitFor({ state: 'detached' })
    await row(second).waitFor()
    await page.fill('[data-test=queue-filter]', '')
  })
  const seen = await client.get(`/incidents/${second}`)
  if (seen.area) {
    await step('paper: the queue by jurisdiction', async () => {
      const inside = async () => (await page.locator('[data-test=queue] .line').count()) > 0
      const options = await page.locator('[data-test=queue-area] option').evaluateAll((list) => list.map((one) => one.value).filter(Boolean))
      check('paper: jurisdictions to choose from', options.length > 1, String(options.length))
      await page.selectOption('[data-test=queue-area]', options[0])
      await until(async () => await inside() || await page.locator('[data-test=queue] .pane-none').count() === 1, 'an answer')
      await page.selectOption('[data-test=queue-area]', '')
      await row(first).waitFor()
    })
  }
  await step('paper: units of one body', async () => {
    await page.click('[data-test=side-units]').catch(() => null)
    const body = all[0].body
    await page.selectOption('[data-test=units-group]', body)
    await until(async () => await page.locator('[data-test=units] .unit').count() > 0, 'units')
    await page.selectOption('[data-test=units-group]', '')
  })
}

export async function paper(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const page = await page_open(browser, { language: run.locale })
  await login(page, server.base, 'commander', server.accounts.commander)
  await shown(page, '.unit')
  await card_entered(page, client, run)
  await narrowed(page, client)
  faults_checked(page, 'paper')
}

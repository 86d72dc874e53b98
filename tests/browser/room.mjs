/* The desk arranged by mouse and by keyboard, panes in windows of their own over one push stream, and
   the screen for the wall. */
import { axe_checked, check, faults_checked, language_checked, login, page_open, shot, step } from './check.mjs'
import { hidden, incident_made, number_of, opened, shown, until } from './hands.mjs'

const BAR = (pane) => `[data-test=pane-bar-${pane}]`
const PANE = (pane) => `[data-test=pane-${pane}]`

async function box_of(page, selector) { return page.locator(selector).boundingBox() }
async function menu_chosen(page, name) {
  await page.click('[data-test=panes]')
  await page.locator(`[data-test=panes-${name}]:visible`).click()
}
/* Streams that the server holds now, asked from this machine without an account. */
async function streams(page, server) {
  const context = await page.context().browser().newContext({ ignoreHTTPSErrors: true })
  const text = await (await context.request.get(`${server.base}/metrics`)).text()
  await context.close()
  return Number(/^\w*push_subscribers (\d+)/m.exec(text)?.[1])
}

async function arranged(page) {
  await menu_chosen(page, 'arrange')
  await shown(page, BAR('log'))
  await step('room: dragged with the mouse above another pane', async () => {
    await page.locator(BAR('log')).dragTo(page.locator(PANE('map')), { targetPosition: { x: 200, y: 60 } })
    await until(async () => (await box_of(page, PANE('log'))).y < (await box_of(page, PANE('map'))).y, 'the log above the map')
  })
  await step('room: moved by the keyboard', async () => {
    await page.focus(BAR('log'))
    await page.keyboard.press('ArrowDown')
    await until(async () => (await box_of(page, PANE('log'))).y > (await box_of(page, PANE('map'))).y, 'the log beneath the map')
    await page.keyboard.press('ArrowLeft')
    await until(async () => (await box_of(page, PANE('log'))).x < (await box_of(page, PANE('map'))).x, 'the log in the first column')
  })
  await step('room: hidden, and units shown as a pane', async () => {
    await page.click('[data-test=pane-hide-signals]')
    await hidden(page, PANE('signals'))
    await menu_chosen(page, 'units')
    await shown(page, PANE('units'))
  })
  await axe_checked(page, 'room, arranging')
  await page.keyboard.press('Escape')
  await hidden(page, BAR('log'))
  const before = await box_of(page, PANE('queue'))
  await step('room: a width by the keyboard', async () => {
    await page.focus('[data-test=split-0]')
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
    await until(async () => (await box_of(page, PANE('queue'))).width > before.width + 60, 'a wider queue')
  })
  await step('room: all as it was after a reload', async () => {
    const stood = {}
    for (const pane of ['queue', 'map', 'log', 'units']) stood[pane] = await box_of(page, PANE(pane))
    await page.reload()
    await shown(page, '.unit')
    for (const [pane, was] of Object.entries(stood)) {
      await until(async () => {
        const is = await box_of(page, PANE(pane))
        return is && Math.abs(is.x - was.x) < 3 && Math.abs(is.width - was.width) < 3
      }, pane)
    }
    check('room: what was hidden stays hidden', await page.locator(PANE('signals')).count() === 0)
  })
  await step('room: and as delivered again', async () => {
    await menu_chosen(page, 'reset')
    await shown(page, PANE('signals'))
    await hidden(page, PANE('units'))
  })
}

async function popped(page, pane) {
  await menu_chosen(page, 'arrange')
  const [window] = await Promise.all([page.context().waitForEvent('page'), page.click(`[data-test=pane-pop-${pane}]`)])
  window.faults = []
  window.on('pageerror', (error) => window.faults.push(`exception: ${error.message}`))
  window.on('console', (message) => { if (message.type() === 'error') window.faults.push(`console: ${message.text()}`) })
  await page.keyboard.press('Escape')
  await shown(window, `[data-test=window-${pane}]`)
  return window
}

async function several_windows(page, server, client, place, run) {
  /* Those of former pages end a moment after them. */
  await step('room: one stream for one window', () => until(async () => await streams(page, server) === 1, 'one stream'))
  const queue = await popped(page, 'queue')
  await step('room: the pane left the desk', () => hidden(page, PANE('queue')))
  const log = await popped(page, 'log')
  await step('room: three windows, one stream', async () => {
    await shown(log, '.log li')
    await until(async () => await streams(page, server) === 1, 'one stream')
  })
  const id = await incident_made(client, place)
  await step('room: news reaches a window without a stream of its own', () => queue.locator(`[data-test=incident-${id}]`).first().waitFor())
  await step('room: chosen there, opened at the desk', async () => {
    await queue.locator(`[data-test=incident-${id}]`).first().click()
    await page.locator('[data-test=sheet] h2', { hasText: `#${number_of(id)}` }).waitFor()
  })
  await language_checked(queue, 'room, window', run.language, ['here'])
  await axe_checked(queue, 'room, window')
  await step('room: a reload of the desk leaves the windows', async () => {
    await page.reload()
    await shown(page, '[data-test=side-units]')
    await hidden(page, PANE('queue'))
  })
  await step('room: the stream goes on in the windows that stay', async () => {
    const next = await incident_made(client, place)
    await queue.locator(`[data-test=incident-${next}]`).first().waitFor()
    await until(async () => await streams(page, server) === 1, 'one stream')
  })
  /* The control: another person's browser is a stream of its own. */
  const other = await page_open(page.context().browser(), { language: run.locale })
  await login(other, server.base, 'operator', server.accounts.operator)
  await shown(other, '.unit')
  await step('room: another person is another stream', () => until(async () => await streams(page, server) === 2, 'two streams'))
  await other.context().close()
  for (const window of [queue, log]) {
    check('room, window: no error', window.faults.length === 0, window.faults.join(' | '))
    await window.close()
  }
  await step('room: a closed window gives its pane back', () => shown(page, PANE('queue')))
  await opened(page, id)
}

async function wall(page, server, run) {
  const screen = await page.context().newPage()
  screen.setDefaultTimeout(30_000)
  await screen.goto(`${server.base}/#wall&every=3`)
  await shown(screen, '[data-test=wall] li')
  await step('room: the wall is no stream of its own', () => until(async () => await streams(page, server) === 1, 'one stream'))
  await language_checked(screen, 'room, wall', run.language, ['here'])
  await axe_checked(screen, 'room, wall')
  await shot(screen, `wall-${run.language}`)
  const size = await screen.locator('[data-test=wall] li b').first().evaluate((b) => Number.parseFloat(getComputedStyle(b).fontSize))
  check('room: the wall is read from afar', size >= 20, `${size} px`)
  check('room: the wall has no controls', await screen.locator('[data-test=wall] button:visible, [data-test=wall] input:visible, [data-test=wall] a:visible').count() === 0)
  await step('room: the wall turns by itself', async () => {
    for (const one of ['units', 'map', 'incidents']) await screen.locator(`[data-test=wall][data-screen=${one}]`).waitFor()
  })
  await step('room: and stays when held', async () => {
    await screen.keyboard.press('Space')
    const at = await screen.getAttribute('[data-test=wall]', 'data-screen')
    await screen.waitForTimeout(3500) /* longer than a turn */
    if (await screen.getAttribute('[data-test=wall]', 'data-screen') !== at) throw new Error('it turned')
  })
  return screen
}

export async function room(browser, server, run) {
  const client = await server.client().login('commander', server.accounts.commander)
  const place = (await client.get('/units?limit=1')).items[0].place
  const page = await page_open(browser, { language: run.locale })
  await login(page, server.base, 'commander', server.accounts.commander)
  await shown(page, '.unit')
  await incident_made(client, place)
  await arranged(page)
  await several_windows(page, server, client, place, run)
  const screen = await wall(page, server, run)
  page.is_offline = true
  await server.down()
  await step('room: without the server the wall says that it is not live', () => shown(screen, '[data-test=stale]'))
  await server.up()
  await step('room: and takes up again', () => hidden(screen, '[data-test=stale]'))
  page.is_offline = false
  faults_checked(page, 'room')
}

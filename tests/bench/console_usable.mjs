#!/usr/bin/env node
/* From the click on "log in" to a console that one can work with: units, queue and log are drawn, and a
   key opens the form for a call. Each round is a browser profile that has never seen the page.
     tests/bench/console_usable.mjs URL LOGIN PASSWORD
   Prints `BAR console_usable N ms ...`: the median of the rounds; all of them are said on stderr.
   The browser and its driver are those of tests/browser. */
import { browser_open, login, page_open } from '../browser/check.mjs'
import { shown } from '../browser/hands.mjs'

const ROUNDS = 5
const GOAL_MS = 2000
const [url, user, password] = process.argv.slice(2)
if (!password) {
  console.error('usage: tests/bench/console_usable.mjs URL LOGIN PASSWORD')
  process.exit(2)
}

async function round(browser) {
  const page = await page_open(browser, { language: 'en-US' })
  let clicked = 0
  page.on('request', (sent) => { if (sent.method() === 'POST' && sent.url().endsWith('/api/v1/session')) clicked = performance.now() })
  await login(page, url, user, password)
  await Promise.all([shown(page, '.unit'), shown(page, '.log li'), shown(page, '[data-test=queue] .pane-none, [data-test=queue] .line')])
  await page.keyboard.press('n')
  await shown(page, '[data-test=words]')
  const took = performance.now() - clicked
  await page.context().close()
  return took
}

const browser = await browser_open()
const times = []
await round(browser) /* the browser's own start */
for (let i = 0; i < ROUNDS; i++) times.push(await round(browser))
await browser.close()
times.sort((a, b) => a - b)
const median = times[Math.floor(times.length / 2)]
console.error(`rounds ${times.map((one) => one.toFixed(0)).join(' ')} ms`)
console.log(`BAR console_usable ${median.toFixed(0)} ms ${GOAL_MS} ${median <= GOAL_MS ? 'ok' : 'short'}`)

/* Walks the loop in both languages, each on its own city, and then the desk's other acts.
   Arguments choose: languages (en, zh-CN) and parts; none means all. */
import { desk_acts } from './acts.mjs'
import { calls } from './calls.mjs'
import { browser_open, check, shot, sums } from './check.mjs'
import { circles } from './circles.mjs'
import { door } from './door.mjs'
import { facts } from './facts.mjs'
import { keyboard } from './keyboard.mjs'
import { keys_checked } from './keys.mjs'
import { paper } from './paper.mjs'
import { phone } from './phone.mjs'
import { radio } from './radio.mjs'
import { room } from './room.mjs'
import { safety } from './safety.mjs'
import { server_start } from './server.mjs'
import { shift } from './shift.mjs'
import { still } from './still.mjs'
import { times } from './times.mjs'
import { units_checked } from './units.mjs'
import { walk } from './walk.mjs'

const RUNS = [{ language: 'en', locale: 'en-US', city: 'sf' }, { language: 'zh-CN', locale: 'zh-CN', city: 'shanghai' }]
/* Each has its own pages; they share one server, so a part leaves no unit at work. After one that was cut short
   the next gets a server and a browser of its own. */
const PARTS = { walk, acts: desk_acts, still, shift, calls, facts, radio, phone, safety, keyboard, circles, times, room, paper, door }
/* Whose dialogs are read by their words. */
const ENGLISH_ONLY = ['acts']

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in PARTS) && !RUNS.some((run) => run.language === name))
if (unknown.length) {
  console.log(`unknown: ${unknown.join(' ')}; there are: ${[...RUNS.map((run) => run.language), ...Object.keys(PARTS)].join(' ')}`)
  process.exit(2)
}
const is_wanted = (name, all) => names.includes(name) || !names.some((one) => all.includes(one))

async function part_run(name, browser, server, run) {
  const began = Date.now()
  try {
    await PARTS[name](browser, server, run)
  } catch (error) {
    check(`${run.language} ${name}: to its end`, false, error.message)
    console.log(`${run.language} ${name}: cut short: ${error.stack ?? error}`)
    const pages = browser.contexts().flatMap((context) => context.pages())
    for (const [i, page] of pages.entries()) await shot(page, `failed-${run.language}-${name}-${i}`).catch(() => null)
    if (process.env.ANWANG_VERBOSE || server.has_ended()) console.log(server.output())
    return false
  } finally {
    await Promise.all(browser.contexts().map((context) => context.close().catch(() => null)))
    console.log(`${run.language} ${name} on ${run.city}: ${((Date.now() - began) / 1000).toFixed(1)} s`)
  }
  return true
}

async function run_all(run) {
  let server, browser
  for (const name of Object.keys(PARTS)) {
    if (!is_wanted(name, Object.keys(PARTS)) || (ENGLISH_ONLY.includes(name) && run.language !== 'en')) continue
    try {
      server ??= await server_start(run.city)
      browser ??= await browser_open()
    } catch (error) {
      check(`${run.language} ${name}: a server and a browser`, false, error.message)
      continue
    }
    if (await part_run(name, browser, server, run)) continue
    await Promise.all([server.stop(), browser.close().catch(() => null)])
    server = browser = undefined
  }
  await Promise.all([server?.stop(), browser?.close()])
}

keys_checked()
await units_checked()
for (const run of RUNS) if (is_wanted(run.language, RUNS.map((one) => one.language))) await run_all(run)
console.log(`${sums.passed} passed, ${sums.failed} failed`)
process.exit(sums.failed ? 1 : 0)

/* Walks the loop in both languages, each on its own city: report, verify, dispatch, on scene, close. */
import { browser_open, check, sums } from './check.mjs'
import { keys_checked } from './keys.mjs'
import { server_start } from './server.mjs'
import { desk_acts } from './acts.mjs'
import { walk } from './walk.mjs'

const RUNS = [{ language: 'en', locale: 'en-US', city: 'sf' }, { language: 'zh-CN', locale: 'zh-CN', city: 'shanghai' }]
const wanted = process.argv.slice(2)

keys_checked()
const browser = await browser_open()
for (const run of RUNS) {
  if (wanted.length && !wanted.includes(run.language)) continue
  const server = await server_start(run.city).catch((error) => { check(`server of ${run.city}`, false, error.message) })
  if (!server) continue
  const began = Date.now()
  try {
    await walk(browser, server, run)
    if (run.language === 'en') await desk_acts(browser, server)
  } catch (error) {
    console.log(`${run.language}: cut short: ${error.stack ?? error}`)
    if (process.env.ANWANG_VERBOSE) console.log(server.output())
  } finally {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await server.stop()
  }
  console.log(`${run.language} on ${run.city}: ${((Date.now() - began) / 1000).toFixed(1)} s`)
}
await browser.close()
console.log(`${sums.passed} passed, ${sums.failed} failed`)
process.exit(sums.failed ? 1 : 0)

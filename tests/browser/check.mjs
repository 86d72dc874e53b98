/* Counting checks, and a browser whose every page is watched: a request that leaves this machine, an
   error on the console, or an uncaught exception fails the page. */
import { readFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/* Long, for slow machines: a wait ends as soon as what it waits for is so. */
export const WAIT_MS = 30_000
/* A service worker is only taken over a connection that the browser trusts; the demo's authority is its own. */
const FLAGS = ['--ignore-certificate-errors', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-background-networking',
  '--disable-component-update', '--no-first-run']

export const sums = { passed: 0, failed: 0 }
export function check(name, is_true, detail = '') {
  if (is_true) sums.passed++
  else {
    sums.failed++
    console.log(`FAIL ${name} ${detail}`)
  }
  return is_true
}
/* A step that must work for the next to make sense: throws on. */
export async function step(name, run) {
  try {
    const value = await run()
    check(name, true)
    return value
  } catch (error) {
    check(name, false, String(error?.message ?? error).slice(0, 600))
    throw error
  }
}

export async function browser_open() {
  const flags = process.getuid?.() === 0 ? ['--no-sandbox', ...FLAGS] : FLAGS
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
}

export async function page_open(browser, { language, size = [1440, 900], scheme = 'light', place, is_phone = false }) {
  const options = {
    viewport: { width: size[0], height: size[1] }, locale: language, colorScheme: scheme, ignoreHTTPSErrors: true,
    hasTouch: is_phone, deviceScaleFactor: 1, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'],
  }
  if (place) {
    options.geolocation = { latitude: place.lat, longitude: place.lon, accuracy: 10 }
    options.permissions.push('geolocation')
  }
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT_MS)
  page.faults = []
  page.is_offline = false
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (!['localhost', '127.0.0.1'].includes(url.hostname) && !['blob:', 'data:'].includes(url.protocol)) page.faults.push(`outside: ${url}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && !page.is_offline) page.faults.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => page.faults.push(`exception: ${error.message}`))
  return page
}

/* The browser writes down every refusal, and three are no faults: a sheet that asks "to dispatch" in the moment in which
   its incident is closed is refused, asks "to review" and goes on; and a job that was cleared or declined leaves the
   unit's sight at once, so a question of its card that was on its way is answered with "not found"; an act that names a version which has just
   moved on is sent again by the page itself when what it replaces is as it was. */
const ON_ITS_WAY = /\b40[34]\b.*\/api\/v1\/incidents\/[a-z0-9-]+(\/route\?unit=[a-z0-9-]+|\/hazards|\/team)?$|\b412\b.*\/api\/v1\/incidents\/[a-z0-9-]+\/[a-z]+$/

export function faults_checked(page, name) {
  page.faults = page.faults.filter((fault) => !ON_ITS_WAY.test(fault))
  check(`${name}: nothing outside, no error on the console`, page.faults.length === 0, page.faults.slice(0, 5).join(' | '))
}

export async function login(page, url, name, password) {
  await page.goto(url)
  await page.fill('input[name=login]', name)
  await page.fill('input[name=password]', password)
  await page.click('[data-test=login]')
}

/* Text that a person can read, without what is data in its own language. */
export async function text_of(page) {
  return page.evaluate(() => {
    const skip = '.maplibregl-ctrl-attrib, [lang], [data-test=language]'
    const words = []
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE) words.push(node.textContent.trim())
      else if (node.nodeType === Node.ELEMENT_NODE && !(node !== document.documentElement && node.matches(skip)) &&
        !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(node.tagName)) {
        for (const name of ['placeholder', 'title', 'aria-label', 'alt']) if (node.getAttribute(name)) words.push(node.getAttribute(name))
        node.childNodes.forEach(walk)
      }
    }
    walk(document.documentElement)
    return words.filter(Boolean).join('\n')
  })
}

const HAN = /\p{Script=Han}+/u
/* Three or more Latin words in a row make a sentence or a heading; names and codes are shorter. */
const SENTENCE = /(?:\b[A-Za-z]{2,}\b[ ,]+){2,}[A-Za-z]{2,}/
export async function language_checked(page, name, language, allowed = []) {
  let text = await text_of(page)
  for (const part of allowed) text = text.replaceAll(part, '')
  const found = text.split('\n').filter((line) => (language === 'en' ? HAN : SENTENCE).test(line))
  check(`${name}: ${language === 'en' ? 'no Chinese on the English page' : 'no English sentence on the Chinese page'}`,
    found.length === 0, JSON.stringify(found.slice(0, 5)))
}

/* Contrast is measured when what fades stands and no button waits for an answer. */
async function settled(page) {
  await page.locator('.el-button.is-loading').first().waitFor({ state: 'hidden' })
  await page.evaluate(async () => {
    const running = () => document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().iterations !== Infinity)
    for (let turn = 0; turn < 20; turn++) {
      await new Promise(requestAnimationFrame)
      if (!running().length) return
      await Promise.allSettled(running().map((one) => one.finished))
    }
  })
}

/* Serious and critical violations fail; the map's own canvas is not a text. */
export async function axe_checked(page, name) {
  await settled(page)
  const result = await page.evaluate(async (source) => {
    if (!window.axe) (0, eval)(source)
    const found = await window.axe.run({ exclude: [['.maplibregl-map']] }, { resultTypes: ['violations'] })
    return found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
      .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' ; ')}`)
  }, AXE).catch(async () => {
    /* The page's own policy forbids eval: put the tool in through the protocol instead. */
    const session = await page.context().newCDPSession(page)
    await session.send('Runtime.evaluate', { expression: AXE })
    return page.evaluate(async () => {
      const found = await window.axe.run({ exclude: [['.maplibregl-map']] }, { resultTypes: ['violations'] })
      return found.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
        .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' ; ')}`)
    })
  })
  check(`${name}: no serious accessibility violation`, result.length === 0, result.join('\n     '))
}

export async function shot(page, name) {
  const folder = process.env.ANWANG_SHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.waitForTimeout(1500) /* let the map draw its last tiles: for the picture only */
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

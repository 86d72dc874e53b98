/* The pages' own modules without a browser: tests of web/test, counted with the others. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { check } from './check.mjs'

const FOLDER = join(import.meta.dirname, '../../web/test')

export async function units_checked() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.mjs')).map((name) => join(FOLDER, name))
  const stream = run({ files })
  stream.on('test:pass', ({ name, details }) => { if (details.type !== 'suite') check(`units: ${name}`, true) })
  stream.on('test:fail', ({ name, details }) => check(`units: ${name}`, false, String(details.error?.cause?.message ?? details.error).slice(0, 300)))
  for await (const _ of stream); /* until all have run */
}

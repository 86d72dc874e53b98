/* A module of the pages, for tests outside a browser. */
import { join } from 'node:path'
import { runnerImport } from 'vite'

const SOURCE = join(import.meta.dirname, '../src')
export async function load(path) { return (await runnerImport(join(SOURCE, path), { configFile: false, logLevel: 'error' })).module }

/* Build step: FILE.gz beside each text that is worth it; the server hands it to who takes gzip. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(html|m?js|css|svg|webmanifest)$/
const MIN_BYTES = 1024

export function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    writeBundle(options) {
      const folder = options.dir
      if (!folder) this.error('no folder to write to')
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!TEXT.test(name)) continue
        const plain = readFileSync(join(folder, name))
        if (plain.length >= MIN_BYTES) writeFileSync(join(folder, `${name}.gz`), gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }))
      }
    },
  }
}

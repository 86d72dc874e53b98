/* Build step: the field page's service worker, with the list of files that make the page. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const ENTRY = 'field.html'
const WORKER = 'field-worker.js'
const BESIDE = ['/field', '/favicon.svg', '/field.webmanifest', '/field-192.png', '/field-512.png']

interface Chunk {
  type: 'chunk'; fileName: string; facadeModuleId: string | null; imports: string[]; dynamicImports: string[]
  viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> }
}

/* Everything that the entry loads, at once or later. */
function files_of(chunks: Map<string, Chunk>, entry: Chunk): string[] {
  const found = new Set<string>()
  const look = (chunk: Chunk): void => {
    if (found.has(chunk.fileName)) return
    found.add(chunk.fileName)
    for (const file of [...chunk.viteMetadata?.importedCss ?? [], ...chunk.viteMetadata?.importedAssets ?? []]) found.add(file)
    for (const name of [...chunk.imports, ...chunk.dynamicImports]) {
      const next = chunks.get(name)
      if (next) look(next)
    }
  }
  look(entry)
  return [...found].sort()
}

export function field_shell(): Plugin {
  return {
    name: 'field-shell',
    apply: 'build',
    /* After the pages are written: their text names the hashed files, so it makes the version. */
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const chunks = new Map(Object.values(bundle).filter((one) => one.type === 'chunk').map((one) => [one.fileName, one as unknown as Chunk]))
        const entry = [...chunks.values()].find((one) => one.facadeModuleId?.endsWith(`/${ENTRY}`))
        if (!entry) this.error(`no entry ${ENTRY}`)
        const shell = [...BESIDE, ...files_of(chunks, entry).map((name) => `/${name}`)]
        const code = readFileSync(new URL('field-worker.js', import.meta.url), 'utf8')
        const page = bundle[ENTRY]
        const version = createHash('sha256').update(shell.join()).update(code)
          .update(page?.type === 'asset' ? page.source : '').digest('hex').slice(0, 16)
        this.emitFile({ type: 'asset', fileName: WORKER,
          source: `const VERSION = '${version}'\nconst SHELL = ${JSON.stringify(shell)}\n${code}` })
      },
    },
  }
}

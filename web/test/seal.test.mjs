/* What the page seals, the command opens: libsodium on one side, the browser's code on the other. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import nacl from 'tweetnacl'
import { load } from './load.mjs'

const { contact_fits } = await load('portal/contact.ts')
const { contact_seal } = await load('portal/seal.ts')
const PROGRAM = join(process.env.ANWANG_BUILD ?? join(import.meta.dirname, '../../build'), 'src/main/anwang')
const hex = (bytes) => Buffer.from(bytes).toString('hex')

test('a sealed contact has the form that the server takes, and never the same bytes', () => {
  const pair = nacl.box.keyPair()
  const one = contact_seal('+86 139 0000 0000', hex(pair.publicKey))
  assert.match(one, /^[0-9a-f]+$/)
  assert.equal(one.length, 2 * (48 + 17))
  assert.notEqual(one, contact_seal('+86 139 0000 0000', hex(pair.publicKey)))
  assert.ok(contact_fits('张'.repeat(50)))
  assert.ok(!contact_fits('张'.repeat(51)))
})

test('only the offline key opens it', { skip: !existsSync(PROGRAM) && 'the program is not built' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'anwang-seal-'))
  try {
    const pair = nacl.box.keyPair()
    const key = join(folder, 'contact.key')
    writeFileSync(key, pair.secretKey, { mode: 0o600 })
    for (const text of ['+86 139 0000 0000', '微信 anwang_demo', 'a']) {
      const sealed = contact_seal(text, hex(pair.publicKey))
      const opened = spawnSync(PROGRAM, ['contact', 'open', '--key', key, sealed], { encoding: 'utf8' })
      assert.equal(opened.stdout, `${text}\n`, opened.stderr)
      const other = contact_seal(text, hex(nacl.box.keyPair().publicKey))
      const refused = spawnSync(PROGRAM, ['contact', 'open', '--key', key], { encoding: 'utf8', input: `${other}\n` })
      assert.equal(refused.status, 1)
      assert.equal(refused.stdout, '')
    }
  } finally { rmSync(folder, { recursive: true, force: true }) }
})

/* A contact leaves the browser only as a box that the offline key opens: libsodium's crypto_box_seal,
 * which is an ephemeral public key, then crypto_box with a nonce made from both public keys. */
import { blake2b } from '@noble/hashes/blake2.js'
import nacl from 'tweetnacl'

function bytes_of(hex: string): Uint8Array { return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)) }
function hex_of(bytes: Uint8Array): string { return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('') }
function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}

/* key_hex: contact_key of meta. Hex of the sealed text, another one each time. */
export function contact_seal(text: string, key_hex: string): string {
  const key = bytes_of(key_hex)
  const pair = nacl.box.keyPair()
  const nonce = blake2b(join(pair.publicKey, key), { dkLen: nacl.box.nonceLength })
  const box = nacl.box(new TextEncoder().encode(text), nonce, key, pair.secretKey)
  pair.secretKey.fill(0)
  return hex_of(join(pair.publicKey, box))
}

/* A demo folder and the real server on it, on ports that are free. */
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const PROGRAM = join(process.env.ANWANG_BUILD ?? join(ROOT, 'build'), 'src/main/anwang')
/* Built pages; another folder while somebody else builds there. */
const PAGES = process.env.ANWANG_WEB ?? join(ROOT, 'web/dist')
const READY_MS = 30_000

function free_port() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

/* One HTTPS exchange, trusting the authority that the server made for itself. */
function exchange(ca, method, url, headers, body) {
  return new Promise((done, fail) => {
    const sent = request(url, { method, headers, ca }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }))
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

async function is_ready(dir, base) {
  try {
    return (await exchange(readFileSync(join(dir, 'tls/ca.pem')), 'GET', `${base}/healthz`, {})).status === 200
  } catch { return false }
}

export async function server_start(city) {
  const folder = mkdtempSync(join(tmpdir(), 'anwang-browser-'))
  const dir = join(folder, city)
  const made = spawnSync(PROGRAM, ['demo', 'make', '--city', city, '--dir', dir, '--data', join(ROOT, 'data')],
    { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`demo make failed: ${made.stdout}${made.stderr}${made.error ?? ''}`)
  const accounts = Object.fromEntries(readFileSync(join(dir, 'accounts.txt'), 'utf8').split('\n')
    .map((line) => line.trim().split(/\s+/)).filter((pair) => pair.length >= 2))
  const port = await free_port()
  const portal_port = await free_port()
  const child = spawn(PROGRAM, ['serve', '--dir', dir, '--port', String(port), '--portal-port', String(portal_port),
    '--set', 'listen=127.0.0.1', '--set', `web=${PAGES}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { output = (output + part).slice(-20_000) })
  const ended = new Promise((done) => child.once('exit', done))
  const server = {
    base: `https://localhost:${port}`, portal: `https://localhost:${portal_port}`, accounts,
    client: () => new Client(`https://localhost:${port}`, readFileSync(join(dir, 'tls/ca.pem'))),
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(hard)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  const until = Date.now() + READY_MS
  while (!(await is_ready(dir, server.base) && await is_ready(dir, server.portal))) {
    if (Date.now() > until || child.exitCode !== null) {
      await server.stop()
      throw new Error(`the server is not ready: ${output}`)
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  return server
}

/* A client of the API without a browser: what the telephone exchange does, and what tests look up. */
export class Client {
  constructor(base, ca) { this.base = base; this.ca = ca }
  async login(login, password) {
    const answer = await this.send('POST', '/session', { login, password })
    this.cookie = answer.headers['set-cookie'][0].split(';')[0]
    this.me = JSON.parse(answer.text)
    return this
  }
  async send(method, path, body) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() }
    if (this.cookie) Object.assign(headers, { Cookie: this.cookie, 'X-CSRF-Token': this.me?.csrf ?? '' })
    const text = body === undefined ? undefined : JSON.stringify(body)
    if (text !== undefined) headers['Content-Length'] = Buffer.byteLength(text)
    const answer = await exchange(this.ca, method, `${this.base}/api/v1${path}`, headers, text)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer
  }
  async get(path) { return JSON.parse((await this.send('GET', path)).text) }
  async post(path, body = {}) { return JSON.parse((await this.send('POST', path, body)).text) }
}

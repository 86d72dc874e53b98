/* A demo folder and the real server on it, on ports that are free. */
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
export const PROGRAM = join(process.env.ANWANG_BUILD ?? join(ROOT, 'build'), 'src/main/anwang')
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
  for (const program of [PROGRAM, `${PROGRAM}-media`]) if (!existsSync(program)) throw new Error(`${program} is not built`)
  const folder = mkdtempSync(join(tmpdir(), 'anwang-browser-'))
  const dir = join(folder, city)
  const made = spawnSync(PROGRAM, ['demo', 'make', '--city', city, '--dir', dir, '--data', join(ROOT, 'data')],
    { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`demo make failed: ${made.stdout}${made.stderr}${made.error ?? ''}`)
  const accounts = Object.fromEntries(readFileSync(join(dir, 'accounts.txt'), 'utf8').split('\n')
    .map((line) => line.trim().split(/\s+/)).filter((pair) => pair.length >= 2))
  const port = await free_port()
  const portal_port = await free_port()
  const server = new Server(folder, dir, accounts, port, portal_port)
  await server.up()
  return server
}

class Server {
  constructor(folder, dir, accounts, port, portal_port) {
    Object.assign(this, { folder, dir, accounts, ports: [port, portal_port], text: '' })
    this.base = `https://localhost:${port}`
    this.portal = `https://localhost:${portal_port}`
  }
  client() { return new Client(this.base, readFileSync(join(this.dir, 'tls/ca.pem'))) }
  output() { return this.text }
  has_ended() { return this.child.exitCode !== null || this.child.signalCode !== null }
  async up() {
    const [port, portal_port] = this.ports
    this.child = spawn(PROGRAM, ['serve', '--dir', this.dir, '--port', String(port), '--portal-port', String(portal_port),
      '--set', 'listen=127.0.0.1', '--set', `web=${PAGES}`], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (part) => { this.text = (this.text + part).slice(-20_000) })
    this.ended = new Promise((done) => this.child.once('exit', done))
    const until = Date.now() + READY_MS
    while (!(await is_ready(this.dir, this.base) && await is_ready(this.dir, this.portal))) {
      if (Date.now() > until || this.child.exitCode !== null) {
        await this.stop()
        throw new Error(`the server is not ready: ${this.text}`)
      }
      await new Promise((done) => setTimeout(done, 100))
    }
  }
  async down() {
    this.child.kill('SIGTERM')
    const hard = setTimeout(() => this.child.kill('SIGKILL'), 5000)
    await this.ended
    clearTimeout(hard)
  }
  async stop() {
    await this.down()
    rmSync(this.folder, { recursive: true, force: true })
  }
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

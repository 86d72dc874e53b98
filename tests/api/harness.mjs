// A server of our own on free ports with a demo folder of its own, a small HTTP client, and a test
// runner that ends with `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
export const build = process.env.ANWANG_BUILD ?? path.join(root, 'build');
export const program = path.join(build, 'src/main/anwang');

const listen = (port) => new Promise((resolve) => {
  const server = net.createServer();
  server.once('error', () => resolve(null));
  server.listen(port, '127.0.0.1', () => resolve(server));
});

// A port that is free, with the next one, which `serve --port` gives to the public door.
export async function freePort() {
  for (;;) {
    const first = await listen(0);
    const { port } = first.address();
    const second = await listen(port + 1);
    await Promise.all([first, second].map((one) => one && new Promise((done) => one.close(done))));
    if (second) return port;
  }
}

export async function until(what, seconds, check) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

// A demo folder of San Francisco; the caller removes it.
export function demoFolder() {
  const dir = mkdtempSync(path.join(tmpdir(), 'anwang-test-'));
  const made = spawnSync(program, ['demo', 'make', '--city', 'sf', '--dir', dir], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`demo make: ${made.stderr}`);
  return dir;
}

export function accountsOf(dir) {
  const accounts = {};
  for (const line of readFileSync(path.join(dir, 'accounts.txt'), 'utf8').split('\n')) {
    const found = /^(\S+)\s+(\S{19})$/.exec(line.trim());
    if (found) accounts[found[1]] ??= found[2];
  }
  return accounts;
}

// `anwang serve` on a folder, ready to answer at both doors. `settings` are KEY=VALUE; `binary` is
// another program than the one of the build folder.
export async function serve(dir, settings = [], { binary = program, env = {} } = {}) {
  const port = await freePort();
  const portalPort = port + 1; // where --port puts the public door
  const child = spawn(binary, ['serve', '--dir', dir, '--port', String(port), ...settings.flatMap((one) => ['--set', one])], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let log = '';
  child.stderr.on('data', (bytes) => { log += bytes; });
  const server = {
    dir, port, portalPort, accounts: accountsOf(dir), child, base: `https://localhost:${port}`, log: () => log,
    ca: path.join(dir, 'tls/ca.pem'),
    stop: async () => {
      child.kill('SIGTERM');
      await until('server ends', 10, () => child.exitCode !== null || child.signalCode !== null);
    },
  };
  await until('server is ready', 30, async () => {
    if (child.exitCode !== null) throw new Error(`serve ended:\n${log}`);
    const staff = await request(server.base, 'GET', '/healthz').catch(() => null);
    const portal = await request(`https://localhost:${portalPort}`, 'GET', '/healthz').catch(() => null);
    return staff?.status === 200 && portal?.status === 200;
  }).catch((error) => { child.kill('SIGKILL'); throw error; });
  return server;
}

export async function startServer(settings, other) {
  const dir = demoFolder();
  const server = await serve(dir, settings, other);
  return { ...server, stop: () => server.stop().finally(() => rmSync(dir, { recursive: true, force: true })) };
}

const agents = [new http.Agent({ keepAlive: true }),
  new https.Agent({ keepAlive: true, rejectUnauthorized: false })];
export function closeAgents() { for (const agent of agents) agent.destroy(); }

// {status, headers, text, json}; body: an object becomes JSON, text and bytes go as they are.
export function request(base, method, target, { headers = {}, body } = {}) {
  const url = new URL(base);
  const [client, agent] = url.protocol === 'https:' ? [https, agents[1]] : [http, agents[0]];
  const is_object = body !== undefined && typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = is_object ? JSON.stringify(body) : body;
  const all = { ...(is_object ? { 'Content-Type': 'application/json' } : {}), ...headers };
  if (bytes !== undefined) all['Content-Length'] = Buffer.byteLength(bytes);
  return new Promise((resolve, reject) => {
    const sent = client.request({ agent, host: url.hostname, port: url.port, method, path: target,
      headers: all, timeout: 30000 }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        let json;
        if ((answer.headers['content-type'] ?? '').includes('json') && text) json = JSON.parse(text);
        resolve({ status: answer.statusCode, headers: answer.headers, text, json });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer: ${method} ${target}`)));
    sent.on('error', reject);
    sent.end(bytes);
  });
}

let last_key = 0;
export const newKey = () => `test-${process.pid}-${++last_key}`;

// A logged-in program: get(path), post(path, body).
export async function login(base, name, password) {
  const answer = await request(base, 'POST', '/api/v1/session',
    { body: { login: name, password, bearer: true } });
  if (answer.status !== 200) throw new Error(`login ${name}: ${answer.status} ${answer.text}`);
  const authorization = `Bearer ${answer.json.token}`;
  const call = (method, target, body, headers = {}) => request(base, method, target, { body,
    headers: { Authorization: authorization,
      ...(method === 'POST' ? { 'Idempotency-Key': newKey() } : {}), ...headers } });
  return {
    session: answer.json, authorization, call,
    get: (target, headers) => call('GET', target, undefined, headers),
    post: (target, body = {}, headers) => call('POST', target, body, headers),
    push: (target = '/api/v1/push', headers = {}) => openPush(base, target, { Authorization: authorization, ...headers }),
  };
}

// A stream of server-sent events: events [{type, data, id}], lastId, ended, close().
export function openPush(base, target, headers) {
  const url = new URL(base);
  const stream = { events: [], lastId: '', ended: false, status: 0 };
  let rest = '';
  const sent = https.request({ host: url.hostname, port: url.port, path: target, headers,
    rejectUnauthorized: false, agent: false }, (answer) => {
    stream.status = answer.statusCode;
    answer.setEncoding('utf8');
    answer.on('data', (text) => {
      rest += text;
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const event = { type: 'message', data: '' };
        for (const line of rest.slice(0, end).split('\n')) {
          const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
          if (name === 'event') event.type = value;
          if (name === 'data') event.data += value;
          if (name === 'id') { event.id = value; stream.lastId = value; }
        }
        rest = rest.slice(end + 2);
        if (event.data) stream.events.push({ ...event, data: JSON.parse(event.data), at: Date.now() });
      }
    });
    const end = () => { stream.ended = true; stream.endedAt = Date.now(); };
    answer.on('end', end); answer.on('close', end); answer.on('error', end);
  });
  sent.on('error', () => { stream.ended = true; });
  sent.end();
  stream.close = () => sent.destroy();
  stream.open = () => until('stream opens', 5, () => stream.lastId || stream.status >= 400).then(() => stream);
  stream.upTo = (seq, seconds = 20) => until(`stream reaches ${seq}`, seconds, () => Number(stream.lastId.split('-')[1]) >= seq);
  stream.find = (what, check, seconds = 5) => until(what, seconds, () => stream.events.find(check));
  return stream;
}

let passed = 0;
let failed = 0;
export async function test(name, fn) {
  try {
    await fn();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n     ${String(error.stack ?? error).split('\n').slice(0, 4).join('\n     ')}`);
  }
}
export function summary() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

// Each process killed and started again by the monitor, while the others go on; one server a folder.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { freePort, login, newKey, program, request, startServer, test, until } from '../api/harness.mjs';
import { png } from '../api/walk.mjs';
import { processesOf } from './rig.mjs';

const place = { lat: 37.77, lon: -122.41 };

async function killed(server, name) {
  const before = processesOf(server.child.pid)[name];
  assert.ok(before, `${name} runs`);
  process.kill(before, 'SIGKILL');
  await until(`${name} is there again`, 10, () => {
    const now = processesOf(server.child.pid)[name];
    return now && now !== before;
  });
}

// A write as a client does it: the same key until there is an answer that is final.
function insist(call, target, body, headers = {}) {
  const key = newKey();
  return until(`an answer of ${target}`, 15, async () => {
    const answer = await call(target, body, { 'Idempotency-Key': key, ...headers }).catch(() => null);
    return answer && answer.status !== 503 && answer.status !== 502 ? answer : null;
  });
}

async function secondServer(server) {
  await test('a second server on the folder is refused in words; the first goes on', async () => {
    const port = await freePort();
    const run = spawnSync(program, ['serve', '--dir', server.dir, '--port', String(port)], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(run.status, 1, run.stderr);
    assert.match(run.stderr, /another server works on this folder/);
    assert.equal((await request(server.base, 'GET', '/healthz')).status, 200);
    const other = spawnSync(program, ['import', 'divisions', 'data/admin/division_cities_hebei.csv', '--under', '1309', '--dir', server.dir],
      { encoding: 'utf8', timeout: 10_000 });
    assert.notEqual(other.status, 0);
    assert.match(other.stderr, /another process has this folder open/);
  });
}

async function core(server, operator) {
  await test('core killed: what was acknowledged is there, sessions and streams live on', async () => {
    const made = await operator.post('/api/v1/incidents', { type: 'fight', source: 'phone', chosen: place });
    assert.equal(made.status, 201, made.text);
    const stream = await operator.push().open();
    await killed(server, 'core');
    const seen = await until('the row is read', 10, async () => {
      const answer = await operator.get(`/api/v1/incidents/${made.json.id}`).catch(() => null);
      return answer?.status === 200 ? answer : null;
    });
    assert.equal(seen.json.seq, made.json.seq);
    const next = await insist(operator.post, '/api/v1/incidents', { type: 'fight', source: 'phone', chosen: place });
    assert.equal(next.status, 201, next.text);
    assert.notEqual(next.json.id, made.json.id);
    await stream.find('the new row on the old stream', (e) => e.type === 'row' && e.data.id === next.json.id);
    stream.close();
  });
}

async function edge(server, operator) {
  await test('edge killed: the same session works, a stream resumes where it was', async () => {
    const stream = await operator.push().open();
    const from = stream.lastId;
    await killed(server, 'edge');
    await until('the stream has ended', 10, () => stream.ended);
    const made = await insist(operator.post, '/api/v1/incidents', { type: 'fight', source: 'phone', chosen: place });
    assert.equal(made.status, 201, made.text);
    const again = await operator.push('/api/v1/push', { 'Last-Event-ID': from }).open();
    await again.find('the missed row', (e) => e.type === 'row' && e.data.id === made.json.id);
    again.close();
  });
}

async function portal(server, operator) {
  await test('portal killed: the public door opens again, the desk never noticed', async () => {
    const made = await operator.post('/api/v1/incidents', { type: 'fight', source: 'phone', chosen: place });
    await killed(server, 'portal');
    assert.equal((await operator.post(`/api/v1/incidents/${made.json.id}/enter`)).status, 200);
    await until('the public door answers', 10, async () =>
      (await request(`https://localhost:${server.portalPort}`, 'GET', '/healthz').catch(() => null))?.status === 200);
  });
}

async function feed(server, operator) {
  await test('feed killed: an order given meanwhile leaves once it is back', async () => {
    const spool = path.join(server.dir, 'feed/orders.jsonl');
    const { unit } = (await login(server.base, 'field1', server.accounts.field1)).session.user;
    const made = await operator.post('/api/v1/incidents', { type: 'fight', source: 'phone', chosen: place });
    await operator.post(`/api/v1/incidents/${made.json.id}/enter`);
    const before = processesOf(server.child.pid).feed;
    process.kill(before, 'SIGKILL');
    const sent = await operator.post(`/api/v1/incidents/${made.json.id}/dispatch`, { units: [unit], reason: 'nearest' });
    assert.equal(sent.status, 200, sent.text);
    await until('the order is in the spool', 10, () => {
      try { return readFileSync(spool, 'utf8').includes(made.json.id); } catch { return false; }
    });
    assert.notEqual(processesOf(server.child.pid).feed, before);
  });
}

async function media(server, operator) {
  await test('media killed: the next photo is made', async () => {
    const made = await operator.post('/api/v1/incidents', { type: 'fight', source: 'phone', chosen: place });
    await killed(server, 'media');
    const up = await until('a photo is taken', 10, async () => {
      const answer = await operator.post(`/api/v1/incidents/${made.json.id}/photos`, png(), { 'Content-Type': 'image/png' });
      return answer.status < 500 ? answer : null;
    });
    assert.equal(Math.trunc(up.status / 100), 2, up.text);
  });
}

async function monitor(server) {
  await test('monitor killed: every process ends with it, and a new start finds all', async () => {
    const all = Object.values(processesOf(server.child.pid));
    assert.equal(all.length, 5);
    process.kill(server.child.pid, 'SIGKILL');
    await until('all have ended', 10, () => all.every((pid) => {
      try { return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z'); } catch { return true; }
    }));
  });
}

async function stopped() {
  const server = await startServer();
  await test('told to end while a process waits for its next start: ends', async () => {
    process.kill(processesOf(server.child.pid).portal, 'SIGKILL');
    await until('the death is logged', 10, () => /monitor\.ended\s+process=portal/.test(server.log()));
    await server.stop();
    assert.equal(server.child.exitCode, 0, server.log());
  });
  server.child.kill('SIGKILL');
}

export async function processes() {
  await stopped();
  const server = await startServer();
  try {
    const operator = await login(server.base, 'operator', server.accounts.operator);
    await secondServer(server);
    for (const part of [core, edge, portal, feed, media]) await part(server, operator);
    await test('every death is logged, and none but these', () => {
      const dead = [...server.log().matchAll(/monitor\.ended\s+process=(\w+)[^\n]*signal=(\d+)/g)].map((m) => `${m[1]}:${m[2]}`);
      assert.deepEqual(dead.sort(), ['core:9', 'edge:9', 'feed:9', 'media:9', 'portal:9']);
    });
    await monitor(server);
  } finally { await server.stop(); }
}

// The roads over the real API: core and edge agree by digest whatever was closed, the hour's speeds
// are on the roads, circles can be asked for at another hour; an installed calibration is named.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { login, request, serve, startServer, test, until } from '../api/harness.mjs';
import { data } from './rig.mjs';

const CLOSURES = 12;
const SEED = 20261124;

// A small repeatable source of numbers (mulberry32).
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const health = async (server) => (await request(server.base, 'GET', '/healthz')).json;
const digests = ({ version, ...by_profile } = {}) => JSON.stringify(by_profile);

// Core's digests, once they are of its present roads and edge has the same.
async function agreed(server, what, isNew = () => true) {
  let seen;
  await until(`${what}: core and edge agree`, 30, async () => {
    seen = await health(server);
    const { core, road_digests } = seen;
    return core.road_digests?.version === core.road_version && road_digests && isNew(digests(core.road_digests)) &&
      digests(core.road_digests) === digests(road_digests);
  }).catch((error) => { throw new Error(`${error.message} ${JSON.stringify(seen)}`); });
  return digests(seen.core.road_digests);
}

function closure(next) {
  const lat = 37.745 + 0.045 * next(), lon = -122.44 + 0.04 * next();
  const box = [[0, 0], [0.004, 0], [0.004, 0.003], [0, 0.003], [0, 0]].map(([x, y]) => [lon + x, lat + y]);
  const body = { reason: 'test of the roads', path: { type: 'Polygon', coordinates: [box] } };
  if (next() < 0.5) body.factor = 2 + Math.floor(8 * next());
  if (next() < 0.6) body.profiles = ['car', 'response car', 'foot bicycle'][Math.floor(3 * next())];
  return body;
}

async function closures(server, operator) {
  const next = numbers(SEED);
  const open = [];
  const states = [await agreed(server, 'at the start')];
  for (let i = 0; i < CLOSURES; i++) {
    const set = await operator.post('/api/v1/closures', closure(next));
    assert.equal(set.status, 201, set.text);
    open.push(set.json.id);
    const before = states.at(-1);
    states.push(await agreed(server, `closure ${i + 1}`, (now) => now !== before)); // else: an edge that missed it would agree
    if (i % 4 === 3) {
      const [one] = open.splice(Math.floor(open.length * next()), 1);
      assert.equal((await operator.post(`/api/v1/closures/${one}/lift`, { reason: 'over' })).status, 200);
      states.push(await agreed(server, `lifted after ${i + 1}`, (now) => now !== states.at(-1)));
    }
  }
  assert.equal(new Set(states).size, states.length, 'control: to miss any one closure shows');
  const soon = await operator.post('/api/v1/closures', { ...closure(next), until_us: new Date(Date.now() + 4000).toISOString() });
  assert.equal(soon.status, 201, soon.text);
  const before = states.at(-1);
  await agreed(server, 'one that ends', (now) => now !== before);
  assert.equal(await agreed(server, 'it has ended', (now) => now === before), before);
  for (const one of open) assert.equal((await operator.post(`/api/v1/closures/${one}/lift`, { reason: 'over' })).status, 200);
  await agreed(server, 'all lifted', (now) => now === states[0]);
}

async function reached(operator, query) {
  const answer = await operator.get(`/api/v1/circles?minutes=3&profile=car&${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.features.reduce((sum, one) => sum + one.properties.length_m, 0);
}

async function hours(server, operator) {
  const at = Object.fromEntries(await Promise.all(['fri-17', 'fri-03', 'sun-12'].map(async (hour) => [hour, await reached(operator, `hour=${hour}`)])));
  assert.ok(at['fri-03'] > at['sun-12'] && at['sun-12'] > at['fri-17'], JSON.stringify(at));
  const { core } = await health(server);
  assert.match(core.road_layers.hour, /^(mon|tue|wed|thu|fri|sat|sun)-\d\d$/);
  assert.equal(await reached(operator, `hour=${core.road_layers.hour}`), await reached(operator, ''));
  assert.equal(await reached(operator, 'at=2026-11-28T01:30:00Z'), at['fri-17']); // in San Francisco
  assert.equal((await operator.get('/api/v1/circles?hour=17')).status, 400);
}

async function calibrated(server) {
  const { accounts, dir } = server;
  const before = digests((await health(server)).core.road_digests);
  await server.halt();
  const file = path.join(dir, 'calibration.csv');
  writeFileSync(file, 'name,own\nversion,7\nspeed,response,primary secondary residential,1150\n');
  const again = await serve(dir);
  try {
    await test('an installed calibration is on the roads of both, and named', async () => {
      const now = await agreed(again, 'calibrated', (is) => is !== before);
      assert.notEqual(now, before);
      const { core } = await health(again);
      assert.equal(core.road_layers.calibration, 'own');
      assert.equal(core.road_layers.calibration_version, '7');
      assert.ok((await login(again.base, 'operator', accounts.operator)).session);
    });
  } finally { await again.stop(); }
  await test('a damaged table stops the start, with its line', async () => {
    writeFileSync(file, 'name,own\nversion,7\nspeed,response,primary,9999\n');
    await assert.rejects(serve(dir), /calibration\.csv:3: a number or a name outside its bounds/);
    writeFileSync(file, readFileSync(path.join(data, 'road/hours.csv')));
    await assert.rejects(serve(dir), /calibration\.csv:/);
  });
}

export async function roads() {
  const server = await startServer();
  let is_up = true;
  server.halt = async () => {
    is_up = false;
    server.child.kill('SIGTERM');
    await until('server ends', 10, () => server.child.exitCode !== null || server.child.signalCode !== null);
  };
  try {
    const operator = await login(server.base, 'operator', server.accounts.operator);
    await test(`${CLOSURES} random closures: core and edge agree by digest after each, and after lifting (seed ${SEED})`,
      () => closures(server, operator));
    await test('circles at an hour of the week; the present hour is in force', () => hours(server, operator));
    await calibrated(server);
  } finally { await (is_up ? server.stop() : server.stop().catch(() => {})); }
}

// The commands, on what is good and on what is damaged: refused with file and place, and what was
// there stays.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { demoFolder, freePort, login, program, serve, test, until } from '../api/harness.mjs';
import { spawn } from 'node:child_process';
import { anwang, data, hashOf, withFolder } from './rig.mjs';

const LOG = path.join(data, 'incidents/sf_fire_cad_2020-04-07_20.csv.gz');
const STREETS = path.join(data, 'osm/san-francisco.osm.pbf');
const tables = ['cities_hebei', 'areas_hebei', 'streets_cangzhou', 'villages_cangzhou']
  .map((name) => path.join(data, 'admin', `division_${name}.csv`));
const shapes = path.join(data, 'admin/boundary_cangzhou_wgs84coarse.geojson');

const lines = (dir) => {
  const verified = anwang('verify', '--dir', dir);
  assert.equal(verified.status, 0, verified.text);
  return Number(/audit: (\d+) lines/.exec(verified.text)[1]);
};

// A changed copy of a file.
function damaged(from, to, change) {
  writeFileSync(to, change(readFileSync(from)));
  return to;
}
const flipped = (at) => (bytes) => { bytes[at] ^= 0x55; return bytes; };

async function demo(dir) {
  await test('demo make: a folder to serve, readable by its owner only', () => {
    for (const name of ['anwang.conf', 'accounts.txt', 'city.road', 'city.names', 'store/anwang.db'])
      assert.ok(existsSync(path.join(dir, name)), name);
    for (const name of ['accounts.txt', 'secret', 'store'])
      assert.equal(statSync(path.join(dir, name)).mode & 0o077, 0, name);
    assert.ok(lines(dir) > 1000);
  });
  await test('demo make: not into a folder that has a realm, not of a city that is not known', () => withFolder((folder) => {
    const before = hashOf(path.join(dir, 'store/anwang.db'));
    const again = anwang('demo', 'make', '--city', 'sf', '--dir', dir);
    assert.equal(again.status, 1);
    assert.match(again.text, /holds a realm already/);
    assert.equal(hashOf(path.join(dir, 'store/anwang.db')), before);
    const other = anwang('demo', 'make', '--city', 'nowhere', '--dir', path.join(folder, 'x'));
    assert.equal(other.status, 1);
    assert.match(other.text, /cities\.json: not found: nowhere/);
  }));
}

async function divisions(dir) {
  const bring = (...files) => anwang('import', 'divisions', ...files, '--under', '1309', '--dir', dir);
  const before = lines(dir);
  await test('import divisions: a damaged table or shape is refused with file and line, and nothing enters', () => withFolder((folder) => {
    const table = damaged(tables[1], path.join(folder, 'areas.csv'), (bytes) => `${bytes}130999,"no end\n`);
    const first = bring(tables[0], table);
    assert.equal(first.status, 1, first.text);
    assert.match(first.text, /areas\.csv:\d+:/);
    const shape = damaged(shapes, path.join(folder, 'shape.geojson'), (bytes) => bytes.subarray(0, bytes.length / 2));
    const second = bring(...tables, shape);
    assert.equal(second.status, 1, second.text);
    assert.match(second.text, /shape\.geojson/);
    assert.equal(lines(dir), before);
  }));
  await test('import divisions: city, counties, townships and villages, and again without one more', async () => {
    const made = bring(...tables, shapes);
    assert.equal(made.status, 0, made.text);
    assert.match(made.text, /1 cities, 19 counties, 209 townships, 6094 villages; 16 shapes/);
    const again = bring(tables[0], tables[1], tables[2]);
    assert.match(again.text, /1 cities, 19 counties, 209 townships, 0 villages; 0 shapes/);
    assert.ok(lines(dir) - before >= 6323);
    const server = await serve(dir);
    try {
      const admin = await login(server.base, 'sysadmin', server.accounts.sysadmin);
      const all = (await admin.get('/api/v1/catalogue')).json.areas.filter((area) => area.code.startsWith('1309'));
      assert.equal(all.length, 6323);
      assert.equal(new Set(all.map((area) => area.code)).size, 6323);
    } finally { await server.stop(); }
  });
}

async function streets(dir) {
  await test('import roads: a cut or flipped extract is refused with file and byte; the old roads stay', () => withFolder((folder) => {
    const road = path.join(dir, 'city.road');
    const before = hashOf(road);
    const cut = damaged(STREETS, path.join(folder, 'cut.pbf'), (bytes) => bytes.subarray(0, 300000));
    const flip = damaged(STREETS, path.join(folder, 'flip.pbf'), flipped(200000));
    for (const file of [cut, flip]) {
      const run = anwang('import', 'roads', file, '--dir', dir);
      assert.equal(run.status, 1, run.text);
      assert.match(run.text, new RegExp(`${path.basename(file)}: .+ at byte \\d+`));
    }
    assert.equal(hashOf(road), before);
  }));
  await test('serve: a damaged city.road is named, and core does not start with it', async () => {
    const road = path.join(dir, 'city.road');
    const whole = readFileSync(road);
    writeFileSync(road, flipped(1000000)(Buffer.from(whole)));
    const child = spawn(program, ['serve', '--dir', dir, '--port', String(await freePort())], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (bytes) => { log += bytes; });
    try {
      await until(`it says why:\n${log}`, 10, () => /core\.start.*city\.road.*damaged/.test(log));
      assert.doesNotMatch(log, /core\.ready/);
    } finally {
      child.kill('SIGTERM');
      await until('it ends', 10, () => child.exitCode !== null || child.signalCode !== null);
      writeFileSync(road, whole);
    }
  });
}

async function logs(dir) {
  await test('replay: a damaged log is refused with file and line, before anything is sent', () => withFolder((folder) => {
    const text = gunzipSync(readFileSync(LOG)).toString().split('\n').slice(0, 50).join('\n');
    const quoted = path.join(folder, 'quoted.csv');
    writeFileSync(quoted, `${text}\nx"y,1\n`);
    const cut = damaged(LOG, path.join(folder, 'cut.csv.gz'), (bytes) => bytes.subarray(0, 300000));
    for (const [file, place] of [[quoted, /quoted\.csv:51: .*quote/], [cut, /cut\.csv\.gz:.*cut short/]]) {
      const run = anwang('replay', file, '--dir', dir);
      assert.equal(run.status, 1, run.text);
      assert.match(run.text, place);
    }
  }));
}

async function copies(dir) {
  const server = await serve(dir);
  try {
    await test('backup while it runs, restore, verify: the copy serves the same realm', () => withFolder(async (folder) => {
      const copy = path.join(folder, 'copy');
      const back = path.join(folder, 'back');
      const made = anwang('backup', '--dir', dir, '--to', copy);
      assert.equal(made.status, 0, made.text);
      const seq = Number(/up to seq (\d+)/.exec(made.text)[1]);
      const onto = anwang('restore', '--from', copy, '--dir', dir);
      assert.equal(onto.status, 1, onto.text);
      assert.match(onto.text, /there already; nothing was changed/);
      assert.equal(anwang('restore', '--from', copy, '--dir', back).status, 0);
      assert.match(anwang('verify', '--dir', back).text, /all hold/);
      for (const name of ['anwang.conf', 'accounts.txt', 'secret', 'city.road', 'city.names'])
        cpSync(path.join(dir, name), path.join(back, name), { recursive: true });
      const second = await serve(back);
      assert.match(second.log(), new RegExp(`core\\.ready seq=${seq}\\b`));
      await second.stop();
    }));
    await test('restore: a copy with one flipped bit or a cut end is refused, and makes nothing', () => withFolder((folder) => {
      const copy = path.join(folder, 'copy');
      assert.equal(anwang('backup', '--dir', dir, '--to', copy).status, 0);
      const db = path.join(copy, 'anwang.db');
      const whole = readFileSync(db);
      const changes = [['cut', (bytes) => bytes.subarray(0, bytes.length - 8192)], ['empty', () => Buffer.alloc(0)],
        ['head', flipped(20)], ['page', (bytes) => { bytes.fill(0xa5, 81920, 86016); return bytes; }]];
      for (const [name, change] of changes) {
        writeFileSync(db, change(Buffer.from(whole)));
        const target = path.join(folder, name);
        const run = anwang('restore', '--from', copy, '--dir', target);
        assert.notEqual(run.status, 0, `${name}: ${run.text}`);
        assert.equal(existsSync(path.join(target, 'store/anwang.db')), false, name);
      }
    }));
    await test('verify: a changed event is found', () => withFolder((folder) => {
      const copy = path.join(folder, 'copy');
      const back = path.join(folder, 'back/store');
      assert.equal(anwang('backup', '--dir', dir, '--to', copy).status, 0);
      mkdirSync(path.dirname(back));
      cpSync(copy, back, { recursive: true });
      const db = path.join(back, 'anwang.db');
      const bytes = readFileSync(db);
      for (let at = bytes.indexOf('medical'); at >= 0; at = bytes.indexOf('medical', at + 1)) bytes[at] ^= 1;
      writeFileSync(db, bytes);
      const run = anwang('verify', '--dir', path.dirname(back));
      assert.equal(run.status, 1, run.text);
      assert.match(run.text, /first bad line \d+/);
    }));
  } finally { await server.stop(); }
}

export async function commands() {
  const dir = demoFolder();
  try {
    for (const part of [demo, divisions, streets, logs, copies]) await part(dir);
  } finally { rmSync(dir, { recursive: true, force: true }); }
}

// The control: rows of the policy changed one after the other in a server of the tests
// (tests/access/flipped.c). Each change must make some answer differ from the oracle.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, login } from '../api/harness.mjs';
import { PURPOSES } from './cases.mjs';
import { Matrix } from './matrix.mjs';
import { pluralOf } from './oracle.mjs';
import { ROLES } from './world.mjs';

const KINDS = { role: 1, bounds: 2, purposes: 3 };
const NUMBERS = { nobody: 0, operator: 1, commander: 2, field_unit: 3, station_room: 4, community_officer: 5, case_officer: 6,
  force_member: 7, inspector: 8, court_clerk: 9, prosecutor: 10, company: 11, reviewer: 12, auditor: 13, system_admin: 14,
  security_admin: 15, audit_admin: 16, public: 17, feed: 18, timer: 19 };
const rolesOf = (mask) => Object.keys(NUMBERS).filter((role) => (mask >>> NUMBERS[role]) & 1);

function readRows(program) {
  const listed = spawnSync(program, [], { encoding: 'utf8', env: { ...process.env, ANWANG_FLIP: 'list' } }).stdout;
  return listed.trim().split('\n').map((line) => {
    const [action, name, rule, roles, bounds, purposes] = line.split(' ');
    return { action: Number(action), name, rule: Number(rule), roles: rolesOf(Number(roles)), bounds: Number(bounds), purposes: Number(purposes) };
  });
}

// Routes on which a row of the policy shows.
function routesOf(cases, name) {
  const personal = /^(\w+)_personal$/.exec(name)?.[1];
  if (personal) return cases.routes.filter((r) => r.door === 'staff' && r.target === `/api/v1/${pluralOf(personal)}/{id}` && r.method === 'GET');
  return cases.routes.filter((r) => r.action === name);
}

// All changes of one row: each role given or taken, bounds dropped, any purpose taken.
function* changesOf(rows) {
  const first = rows[0];
  const has = (role) => rows.some((row) => row.roles.includes(role));
  const is_public = first.name.startsWith('public_');
  for (const role of is_public ? ['public'] : ['nobody', ...ROLES]) yield { ...first, kind: 'role', value: NUMBERS[role], roles: [role], is_given: !has(role) };
  for (const row of rows) {
    if (row.bounds) yield { ...row, kind: 'bounds', value: row.rule };
    if (row.purposes) yield { ...row, kind: 'purposes', value: row.rule };
  }
}

// Whether a change of this row can be seen at all by a request.
function isReachable(cases, change) {
  if (change.name === 'session_open') return change.kind === 'role' && !change.is_given && change.roles[0] !== 'nobody';
  if (routesOf(cases, change.name).length === 0) return false;
  const actors = change.roles.filter((role) => ROLES.includes(role) || role === 'nobody' || role === 'public');
  if (actors.length === 0) return false; // core's own timer
  if (isBehindAnother(cases, change)) return false;
  // Who is not logged in has no account to stand behind a route that needs one.
  if (change.kind === 'role' && change.roles[0] === 'nobody') return routesOf(cases, change.name).some((r) => cases.oracle.row(r.door, r.method, r.target)?.has('nobody'));
  return true;
}

// Personal values and photos stand behind two rows: to be given one of them alone opens nothing.
function isBehindAnother({ oracle }, { name, kind, is_given, roles: [role] }) {
  if (kind !== 'role' || !is_given) return false;
  const personal = /^(\w+)_personal$/.exec(name)?.[1];
  if (personal) return !oracle.row('staff', 'GET', `/api/v1/${pluralOf(personal)}/{id}`).has(role);
  return name === 'photo_read' && !['signals', 'incidents'].some((kinds) => PURPOSES.some((purpose) => oracle.row('staff', 'GET', `/api/v1/${kinds}/{id}`, purpose).has(role)));
}

export async function flips(withWorld, oracle) {
  const folder = mkdtempSync(path.join(tmpdir(), 'anwang-flip-'));
  const file = path.join(folder, 'flip');
  const binary = path.join(folder, 'anwang');
  writeFileSync(file, Buffer.alloc(12));
  copyFileSync(path.join(build, 'tests/access/anwang_flipped'), binary);
  copyFileSync(path.join(build, 'src/main/anwang-media'), path.join(folder, 'anwang-media'));
  const began = Date.now();
  try {
    const result = await withWorld({ binary, env: { ANWANG_FLIP: file } }, (world, cases) => change(world, cases, oracle, readRows(binary), openSync(file, 'r+')));
    return { ...result, seconds: Math.round((Date.now() - began) / 100) / 10 };
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

async function change(world, cases, oracle, rows, file) {
  const set = (kind, action, value) => {
    const bytes = Buffer.alloc(12);
    [kind, action, value].forEach((number, n) => bytes.writeUInt32LE(number, 4 * n));
    writeSync(file, bytes, 0, 12, 0);
  };
  const result = { count: 0, unreachable: 0, missed: [] };
  const used = [];
  for (const name of new Set(rows.map((row) => row.name))) {
    for (const one of changesOf(rows.filter((row) => row.name === name))) {
      if (!isReachable(cases, one)) {
        result.unreachable++;
        continue;
      }
      result.count++;
      set(KINDS[one.kind], one.action, one.value);
      const found = await notice(world, cases, oracle, one);
      set(0, 0, 0);
      if (found) used.push(found);
      else result.missed.push(`not noticed: ${name}: ${one.kind} ${one.kind === 'role' ? `${one.is_given ? '+' : '-'}${one.roles[0]}` : `of ${one.roles.join(' ')}`}`);
    }
  }
  // What was noticed is gone with the change.
  const after = new Matrix(world, oracle);
  await after.run(used.filter((test) => test.route));
  result.missed.push(...after.report().map((line) => `without any change: ${line}`));
  return result;
}

// The first call that differs under this change.
async function notice(world, cases, oracle, one) {
  const actors = world.actors.filter((a) => one.roles.includes(a.role) || (one.roles.includes('public') && a.role === 'nobody'));
  if (one.name === 'session_open') {
    const actor = actors.find((a) => a.posting === 'county');
    return login(world.server.base, actor.name, world.password).then(() => null, () => ({}));
  }
  if (one.name === 'push_read') { // a stream does not end by itself
    const stream = await actors.find((a) => a.posting === 'county').push().open();
    stream.close();
    return (stream.status === 200) === one.is_given ? {} : null;
  }
  for (const route of routesOf(cases, one.name)) {
    for (const posting of ['county', 'city', 'realm']) {
      const tests = [...cases.of(route, actors.filter((a) => a.posting === posting))];
      const matrix = new Matrix(world, oracle);
      await matrix.run(tests, { is_first: true, width: 4 });
      if (matrix.differences.length) return matrix.differences[0].test;
    }
  }
  return null;
}

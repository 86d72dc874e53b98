// A small city for the matrix: areas and bodies in every relation to the actors, an account of every
// role at three postings, and objects of every kind at every site. Each object carries a mark that
// only those may read who may read the object, and a canary where it has personal values.
import assert from 'node:assert/strict';
import { login, newKey, request, until } from '../api/harness.mjs';
import { png } from '../api/walk.mjs';

export const SITES = ['own', 'below', 'beside', 'above', 'apart', 'none'];
export const ROLES = ['operator', 'commander', 'field_unit', 'station_room', 'community_officer',
  'case_officer', 'force_member', 'inspector', 'court_clerk', 'prosecutor', 'company', 'reviewer',
  'auditor', 'system_admin', 'security_admin', 'audit_admin', 'feed'];
export const POSTINGS = ['county', 'city', 'realm'];
const PASSWORD = 'matrix of the city';

// Stripes of the city from west to east. An actor of the posting `county` stands in `own`.
const AREAS = [
  { site: 'above', code: 'mx-city', level: 1, west: -122.52, east: -122.42 },
  { site: 'own', code: 'mx-county', level: 2, parent: 'mx-city', west: -122.52, east: -122.48 },
  { site: 'below', code: 'mx-town', level: 3, parent: 'mx-county', west: -122.52, east: -122.50 },
  { site: 'beside', code: 'mx-next', level: 2, parent: 'mx-city', west: -122.46, east: -122.44 },
  { site: 'apart', code: 'mx-other', level: 1, west: -122.42, east: -122.40 },
];
const LON = { own: -122.49, below: -122.505, beside: -122.45, above: -122.47, apart: -122.41, none: -122.395 };
export const placeOf = (site) => ({ lat: 37.765, lon: LON[site] });
const BODIES = [
  { site: 'above', code: 'mx-bureau' },
  { site: 'own', code: 'mx-station', parent: 'mx-bureau' },
  { site: 'below', code: 'mx-team', parent: 'mx-station' },
  { site: 'beside', code: 'mx-station-2', parent: 'mx-bureau' },
  { site: 'apart', code: 'mx-court' },
];

const box = (west, east) => ({ type: 'Polygon', coordinates: [[[west, 37.70], [east, 37.70], [east, 37.84], [west, 37.84], [west, 37.70]]] });

class World {
  constructor(server) {
    this.server = server;
    this.actors = [];
    this.objects = [];
    this.area = {};
    this.body = {};
    this.marks = 0;
    this.password = PASSWORD;
  }

  // An object of the world: words of its own and, where it has any, what it says of a person.
  add(kind, id, site, more = {}) {
    const object = { kind, id, site, is_open: true, is_mine: false, ...more };
    this.objects.push(object);
    return object;
  }

  mark() { return `mk${String(++this.marks).padStart(4, '0')}z`; }

  async user(name, role, body, { area, unit } = {}) {
    const mark = this.mark();
    const made = await this.give(this.security, '/api/v1/users', { login: name, name: mark, role, body, credential: PASSWORD,
      ...(area ? { area } : {}), ...(unit ? { unit } : {}) });
    const account = await login(this.server.base, name, PASSWORD);
    return { ...account, name, role, id: made.id, mark };
  }

  async give(who, path, body = {}) {
    const answer = await who.post(path, body);
    assert.ok(answer.status === 200 || answer.status === 201, `POST ${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
    return answer.json;
  }
}

async function demo(world) {
  const { server } = world;
  const as = (name) => login(server.base, name, server.accounts[name]);
  world.system = await as('sysadmin');
  world.security = await as('secadmin');
  world.desk = await as('commander');
  world.exchange = await as('exchange');
  world.street = (await world.desk.get('/api/v1/places/search?q=Irving')).json.items[0].text;
  // The areas of the demo city make room.
  const { areas } = (await world.desk.get('/api/v1/catalogue')).json;
  await Promise.all(areas.map(({ code, name, level }) => world.give(world.system, '/api/v1/areas', { code, name, level })));
}

async function places(world) {
  for (const { site, code, parent, level, west, east } of AREAS) {
    const name = world.mark();
    const made = await world.give(world.system, '/api/v1/areas', { code, name, level, ...(parent ? { parent } : {}), shape: box(west, east) });
    world.area[site] = made.id;
    world.add('area', made.id, site, { mark: name });
  }
  for (const { site, code, parent } of BODIES) {
    const name = world.mark();
    const made = await world.give(world.system, '/api/v1/bodies', { code, name, kind: 'police', ...(parent ? { parent } : {}) });
    world.body[site] = made.id;
    world.add('body', made.id, site, { mark: name });
  }
  for (const site of SITES) {
    const name = world.mark();
    const post = await world.give(world.system, '/api/v1/posts', { code: `mx-post-${site}`, name, kind: 'street_post',
      place: placeOf(site), ...(world.body[site] ? { body: world.body[site] } : {}) });
    world.add('post', post.id, site, { mark: name });
  }
}

// One unit a body, and one that the crews of the matrix are on board of.
async function units(world) {
  world.unit = {};
  for (const site of [...SITES.filter((s) => s !== 'none'), 'mine']) {
    const body = site === 'mine' ? 'own' : site;
    const callsign = world.mark();
    const unit = await world.give(world.system, '/api/v1/units', { callsign, kind: 'car', profile: 'car', capabilities: 'patrol',
      body: world.body[body], place: placeOf(body) });
    world.unit[site] = unit.id;
    world.add('unit', unit.id, body, { mark: callsign, is_mine: site === 'mine' });
  }
  for (const site of Object.keys(world.unit)) {
    const boss = site === 'apart' ? world.court : world.chief;
    await world.give(boss, `/api/v1/units/${world.unit[site]}/sign_on`, { crew: 2, place: placeOf(site === 'mine' ? 'own' : site) });
  }
}

async function actors(world) {
  for (const posting of POSTINGS) {
    for (const role of ROLES) {
      const body = posting === 'county' ? world.body.own : world.body.above;
      const area = { county: world.area.own, city: world.area.above }[posting];
      const actor = await world.user(`mx-${posting}-${role}`, role, body, { area, unit: world.unit.mine });
      world.actors.push({ ...actor, posting });
      world.add('user', actor.id, posting === 'county' ? 'own' : 'above', { mark: actor.mark, user: actor.id });
    }
  }
  world.nobody = { name: 'nobody', role: 'nobody', posting: 'realm',
    call: (method, path, body, headers = {}) => request(world.server.base, method, path, { body,
      headers: { ...(method === 'POST' ? { 'Idempotency-Key': newKey() } : {}), ...headers } }) };
  world.actors.push(world.nobody);
  for (const site of ['below', 'beside', 'apart']) {
    const other = await world.user(`mx-user-${site}`, 'operator', world.body[site]);
    world.add('user', other.id, site, { mark: other.mark, user: other.id });
  }
  const { items } = (await world.security.get('/api/v1/sessions?limit=1000')).json;
  for (const actor of world.actors.filter((one) => one.id)) {
    for (const session of items.filter((one) => one.user === actor.id)) world.add('session', session.id, 'own', { user: actor.id });
  }
}

async function incident(world, site, more) {
  const address = world.mark();
  const made = await world.give(world.chief, '/api/v1/incidents', { type: 'fight', source: 'phone', address, words: `says ${address}`,
    chosen: placeOf(site) });
  await world.give(world.chief, `/api/v1/incidents/${made.id}/note`, { text: `notes ${address}` });
  return world.add('incident', made.id, site, { mark: address, canary: `says ${address}`, note: `notes ${address}`, ...more });
}

// Each office sends its own units.
async function assign(world, of, unit, more = {}) {
  const reason = world.mark();
  await world.give(unit === world.unit.apart ? world.court : world.chief, `/api/v1/incidents/${of.id}/dispatch`, { units: [unit], reason, ...more });
  const { items } = (await world.chief.get(`/api/v1/assignments?incident=${of.id}`)).json;
  const made = items.find((one) => one.unit === unit && !one.ended_us);
  return world.add('assignment', made.id, of.site, { mark: reason, is_mine: unit === world.unit.mine });
}

async function incidents(world) {
  for (const site of SITES) await incident(world, site);
  const closed = await incident(world, 'own', { is_open: false });
  await world.give(world.chief, `/api/v1/incidents/${closed.id}/close`, { disposition: 'mediated' });
  for (const site of ['below', 'beside', 'above', 'apart', 'none'])
    await assign(world, await incident(world, site), world.unit[site === 'none' ? 'own' : site]);
  // What the crew of the matrix has done, does, and has waiting, the last two far from each other.
  const was = await incident(world, 'own');
  const ended = await assign(world, was, world.unit.mine);
  await world.give(world.chief, `/api/v1/assignments/${ended.id}/cancel`, { reason: 'not needed' });
  ended.is_open = false;
  await assign(world, await incident(world, 'own', { is_mine: true }), world.unit.mine);
  await assign(world, await incident(world, 'apart', { is_mine: true }), world.unit.mine, { is_reserve: true });
}

async function photos(world) {
  const wanted = world.objects.filter((o) => o.kind === 'incident' && (o.is_mine || !o.is_open || o.site !== 'above'));
  for (const of of wanted.filter((o, n) => o.is_mine || wanted.findIndex((p) => p.site === o.site && p.is_open === o.is_open && !p.is_mine) === n)) {
    const added = await world.chief.post(`/api/v1/incidents/${of.id}/photos`, png(), { 'Content-Type': 'image/png' });
    assert.equal(added.status, 200, added.text);
    const { items } = (await world.chief.get(`/api/v1/incidents/${of.id}/notes`)).json;
    of.blob = items.map((item) => item.fields.blob).find(Boolean);
    assert.ok(of.blob, JSON.stringify(items));
  }
  // With reports of the public, one of them settled.
  for (const site of ['own', 'own', 'beside', 'none']) {
    const address = world.mark();
    const portal = `https://localhost:${world.server.portalPort}`;
    const sent = await request(portal, 'POST', '/api/public/photos', { body: png(), headers: { 'Content-Type': 'image/png' } });
    assert.equal(sent.status, 201, sent.text);
    const told = await request(portal, 'POST', '/api/public/reports', { body: { category: 'noise', words: `says ${address}`, address, place: placeOf(site), photo: sent.json.blob } });
    assert.equal(told.status, 201, told.text);
    const found = await until('the report', 5, async () => (await world.chief.get(`/api/v1/signals?q=${address}`)).json.items[0]);
    const is_open = site !== 'own' || !world.objects.some((o) => o.kind === 'signal' && o.blob);
    if (!is_open) await world.give(world.chief, `/api/v1/signals/${found.id}/dismiss`, { reason: 'no such place' });
    world.add('signal', found.id, site, { mark: address, canary: `says ${address}`, blob: sent.json.blob, is_open });
  }
}

async function positions(world) {
  const units = world.objects.filter((o) => o.kind === 'unit');
  for (const { id, site } of units)
    await world.exchange.post(`/api/v1/units/${id}/position`, { place: placeOf(site), at: new Date().toISOString() });
  await until('all positions', 10, async () => {
    const { items } = (await world.chief.get('/api/v1/units/positions')).json;
    return units.filter((o) => o.site !== 'apart').every(({ id }) => items.some((item) => item.unit === id));
  });
}

async function reports(world) {
  for (const site of SITES) {
    const address = world.mark();
    const made = await world.give(world.chief, '/api/v1/signals', { source: 'officer', address, words: `says ${address}`, place: placeOf(site) });
    world.add('signal', made.id, site, { mark: address, canary: `says ${address}` });
    const external_ref = world.mark();
    const call = await world.give(world.exchange, '/api/v1/calls', { line: '110', external_ref, number: `tel ${external_ref}`, place: placeOf(site) });
    world.add('call', call.id, site, { mark: external_ref, canary: `tel ${external_ref}` });
  }
  const address = world.mark();
  const settled = await world.give(world.chief, '/api/v1/signals', { source: 'officer', address, words: `says ${address}`, place: placeOf('own') });
  await world.give(world.chief, `/api/v1/signals/${settled.id}/dismiss`, { reason: 'no such place' });
  world.add('signal', settled.id, 'own', { mark: address, canary: `says ${address}`, is_open: false });
}

async function papers(world) {
  for (const site of SITES) {
    const reason = world.mark();
    const { lat, lon } = placeOf(site);
    const path = { type: 'Polygon', coordinates: [[[lon - 0.002, lat - 0.002], [lon + 0.002, lat - 0.002], [lon + 0.002, lat + 0.002], [lon - 0.002, lat - 0.002]]] };
    const closure = await world.give(world.chief, '/api/v1/closures', { path, reason, factor: 2 });
    world.add('closure', closure.id, site, { mark: reason });
    if (world.body[site]) {
      const duty = world.mark();
      const boss = site === 'apart' ? world.court : world.chief;
      const roster = await world.give(boss, '/api/v1/rosters', { day: '2026-11-24', shift: 'day', body: world.body[site], duties: [{ duty }] });
      world.add('roster', roster.id, site, { mark: duty });
    }
    const shift = world.mark();
    const signer = await world.user(`mx-signer-${site}`, 'operator', world.body.above, { area: world.area[site] });
    world.add('user', signer.id, 'above', { mark: signer.mark, user: signer.id });
    const handover = await world.give(signer, '/api/v1/handovers', { shift, remark: `watch ${shift}` });
    world.add('handover', handover.id, site, { mark: shift, canary: `watch ${shift}` });
  }
  for (const kind of ['type', 'plan', 'timing', 'hazard_kind']) {
    const { items } = (await world.desk.get(`/api/v1/${kind}s?limit=1`)).json;
    world.add(kind, items[0].id, 'none');
  }
}

async function safety(world) {
  for (const site of SITES) {
    const note = world.mark();
    const hazard = await world.give(world.chief, '/api/v1/hazards', { kind: 'gas', place: placeOf(site), note, ground: 'seen' });
    world.add('hazard', hazard.id, site, { mark: note });
  }
  for (const [site, unit] of Object.entries(world.unit)) {
    const at = site === 'mine' ? 'own' : site;
    const raised = await world.give(site === 'apart' ? world.court : world.chief, '/api/v1/emergencies', { unit, place: placeOf(at) });
    world.add('emergency', raised.id, at, { is_mine: site === 'mine' });
  }
  const text = world.mark();
  const notice = await world.give(world.chief, '/api/v1/notices', { text });
  world.add('notice', notice.id, 'none', { mark: text });
}

export async function makeWorld(server) {
  const world = new World(server);
  await demo(world);
  world.since = (await world.desk.get('/api/v1/log?limit=1')).json.as_of;
  await places(world);
  world.chief = await world.user('mx-chief', 'commander', world.body.above);
  world.court = await world.user('mx-court', 'commander', world.body.apart);
  world.add('user', world.chief.id, 'above', { mark: world.chief.mark, user: world.chief.id });
  world.add('user', world.court.id, 'apart', { mark: world.court.mark, user: world.court.id });
  await units(world);
  await actors(world);
  await incidents(world);
  await photos(world);
  await positions(world);
  await reports(world);
  await papers(world);
  await safety(world);
  return world;
}

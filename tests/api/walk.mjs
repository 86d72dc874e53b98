// The way of a call through the interface, and the interface's own promises on that way.
import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';
import { login, newKey, openPush, request, test, until } from './harness.mjs';

const place = { lat: 37.77, lon: -122.41 };

// A black PNG of 8 x 8 points, with a text chunk that must not survive.
export function png() {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', head),
    chunk('tEXt', Buffer.from('Comment\0secret place')), chunk('IDAT', deflateSync(Buffer.alloc(72))),
    chunk('IEND', Buffer.alloc(0))]);
}

export async function walk(server) {
  const base = `https://localhost:${server.port}`;
  const operator = await login(base, 'operator', server.accounts.operator);
  const field = await login(base, 'field1', server.accounts.field1);
  const tracker = await login(base, 'tracker', server.accounts.tracker);
  let incident;
  let assignment;
  const unit = field.session.user.unit;

  await test('without a session: 401; a wrong password: 401', async () => {
    assert.equal((await request(base, 'GET', '/api/v1/incidents')).status, 401);
    const wrong = await request(base, 'POST', '/api/v1/session',
      { body: { login: 'operator', password: 'not the password' } });
    assert.equal(wrong.status, 401);
    const nobody = await request(base, 'POST', '/api/v1/session',
      { body: { login: 'nobody-here', password: 'not the password' } });
    assert.equal(nobody.status, 401);
    assert.equal(nobody.json.detail, wrong.json.detail);
  });

  await test('a cookie session needs its CSRF token and its own origin', async () => {
    const inside = await request(base, 'POST', '/api/v1/session',
      { body: { login: 'operator2', password: server.accounts.operator2 } });
    const cookie = inside.headers['set-cookie'][0];
    assert.match(cookie, /^__Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure/);
    assert.equal(inside.json.token, undefined);
    const headers = { Cookie: cookie.split(';')[0], 'Idempotency-Key': newKey() };
    const raise = (more) => request(base, 'POST', '/api/v1/signals',
      { body: { source: 'officer' }, headers: { ...headers, ...more } });
    assert.equal((await raise({})).json.field, 'X-CSRF-Token');
    assert.equal((await raise({ 'X-CSRF-Token': 'f'.repeat(32) })).status, 403);
    const csrf = { 'X-CSRF-Token': inside.json.csrf };
    assert.equal((await raise({ ...csrf, Origin: 'https://elsewhere.example' })).status, 403);
    assert.equal((await raise({ ...csrf, 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await raise({ ...csrf, Origin: base })).status, 201);
    const again = await request(base, 'GET', '/api/v1/session', { headers });
    assert.equal(again.json.csrf, inside.json.csrf);
    const out = await request(base, 'DELETE', '/api/v1/session', { headers: { ...headers, ...csrf } });
    assert.equal(out.status, 204);
    assert.equal((await request(base, 'GET', '/api/v1/session', { headers })).status, 401);
  });

  const stream = operator.push();
  await stream.open();

  await test('an incident is made, with Location and ETag, and pushed', async () => {
    const made = await operator.post('/api/v1/incidents', { type: 'medical_incident', source: 'phone',
      words: 'chest pain', caller_name: 'Ann Example', address: 'Bryant St', chosen: place });
    assert.equal(made.status, 201);
    incident = made.json.id;
    assert.equal(made.headers.location, `/api/v1/incidents/${incident}`);
    assert.equal(made.headers.etag, `"${made.json.seq}"`);
    assert.equal(made.json.words, undefined);
    const row = await stream.find('row of the incident', (e) => e.type === 'row' && e.data.id === incident);
    assert.equal(row.data.row.words, undefined);
    assert.doesNotMatch(JSON.stringify(stream.events), /Ann Example|chest pain/);
  });

  await test('the same key and body are done once; another body is 422', async () => {
    const key = { 'Idempotency-Key': newKey() };
    const body = { type: 'fight', source: 'phone', chosen: place };
    const first = await operator.post('/api/v1/incidents', body, key);
    const second = await operator.post('/api/v1/incidents', body, key);
    assert.equal(first.status, 201);
    assert.equal(second.status, 200);
    assert.equal(second.json.id, first.json.id);
    assert.equal(second.json.replayed, true);
    const other = await operator.post('/api/v1/incidents', { ...body, source: 'web' }, key);
    assert.equal(other.status, 422);
    assert.equal(other.json.field, 'Idempotency-Key');
    const twins = await Promise.all([1, 2, 3, 4].map(() => operator.post('/api/v1/incidents', body, { 'Idempotency-Key': `${key['Idempotency-Key']}-t` })));
    assert.equal(new Set(twins.map((t) => t.json.id)).size, 1);
  });

  await test('personal values need a purpose, which is kept', async () => {
    const plain = await operator.get(`/api/v1/incidents/${incident}`);
    assert.equal(plain.json.caller_name, undefined);
    const why = await operator.get(`/api/v1/incidents/${incident}`, { 'X-Purpose': 'dispatch' });
    assert.equal(why.json.caller_name, 'Ann Example');
    const odd = await operator.get(`/api/v1/incidents/${incident}`, { 'X-Purpose': 'curiosity' });
    assert.equal(odd.status, 400);
    assert.equal(odd.json.field, 'X-Purpose');
    const audit = await operator.get(`/api/v1/incidents/${incident}`, { 'X-Purpose': 'audit' });
    assert.equal(audit.status, 403);
  });

  await test('a stale edit is 412 with the version, If-None-Match is 304', async () => {
    const now = await operator.get(`/api/v1/incidents/${incident}`);
    const stale = await operator.post(`/api/v1/incidents/${incident}/prioritise`,
      { priority: 'P1', reason: 'worse' }, { 'If-Match': '"1"' });
    assert.equal(stale.status, 412);
    assert.equal(stale.json.version, now.json.seq);
    const fresh = await operator.post(`/api/v1/incidents/${incident}/prioritise`,
      { priority: 'P1', reason: 'worse' }, { 'If-Match': now.headers.etag });
    assert.equal(fresh.status, 200);
    const same = await operator.get(`/api/v1/incidents/${incident}`, { 'If-None-Match': fresh.headers.etag });
    assert.equal(same.status, 304);
  });

  await test('an illegal move is 409 and names the legal ones', async () => {
    const refused = await operator.post(`/api/v1/incidents/${incident}/review`, { outcome: 'satisfied' });
    assert.equal(refused.status, 409);
    assert.ok(refused.json.legal.includes('dispatch'));
  });

  await test('hidden and not there are the same bytes', async () => {
    const hidden = await field.get(`/api/v1/incidents/${incident}`);
    const number = incident.split('-')[2];
    const absent = await field.get(`/api/v1/incidents/incident-1-${number.replace(/./g, '9')}9`);
    assert.equal(hidden.status, 404);
    assert.equal(absent.status, 404);
    assert.equal(hidden.text.replace(incident, 'X'), absent.text.replace(/incident-1-9+/, 'X'));
    const move = await field.post(`/api/v1/incidents/${incident}/note`, { text: 'hello' });
    assert.equal(move.status, 404);
    assert.equal((await field.get(`/api/v1/incidents/${incident}/log`)).status, 404);
    assert.equal((await field.get('/api/v1/incidents/unit-1-1')).status, 404);
    assert.equal((await field.get('/api/v1/incidents/incident-2-1')).status, 404);
  });

  await test('units are recommended by road, and one is sent', async () => {
    await operator.post(`/api/v1/incidents/${incident}/enter`);
    const asked = await operator.get(`/api/v1/incidents/${incident}/recommendation`);
    assert.equal(asked.status, 200);
    assert.ok(asked.json.picks.length > 0);
    const sent = await operator.post(`/api/v1/incidents/${incident}/dispatch`,
      { units: [unit], recommendation: asked.json.digest, reason: 'test of the field page' });
    assert.equal(sent.status, 200, sent.text);
    assert.equal(sent.json.stage, 'open');
    [assignment] = sent.json.assignments;
    const way = await operator.get(`/api/v1/incidents/${incident}/route?unit=${unit}`);
    assert.equal(way.json.geometry.type, 'LineString');
  });

  await test('a unit that has its order sees the incident, works it, and only it', async () => {
    assert.equal((await field.get(`/api/v1/incidents/${incident}`)).status, 200);
    const list = await field.get('/api/v1/incidents');
    assert.deepEqual(list.json.items.map((i) => i.id), [incident]);
    for (const verb of ['see', 'depart', 'arrive']) {
      const done = await field.post(`/api/v1/assignments/${assignment}/${verb}`, { at_source: 'device' });
      assert.equal(done.status, 200, done.text);
    }
    assert.equal((await field.post(`/api/v1/incidents/${incident}/note`, { text: 'on it' })).status, 200);
    assert.equal((await field.post(`/api/v1/incidents/${incident}/close`, { disposition: 'handled' })).status, 403);
    const fix = await field.call('POST', `/api/v1/units/${unit}/position`,
      { place, at: new Date().toISOString(), speed_mm_s: 4000 });
    assert.equal(fix.status, 204, fix.text);
    const moved = await stream.find('the fix', (e) => e.type === 'positions' &&
      e.data.items.some((i) => i.unit === unit && Math.abs(i.place.lat - place.lat) < 1e-6), 8);
    assert.ok(moved);
    const other = await field.call('POST', '/api/v1/units/unit-1-1/position', { place, at: new Date().toISOString() });
    assert.equal(other.status, unit === 'unit-1-1' ? 204 : 404);
    const ahead = await field.call('POST', `/api/v1/units/${unit}/position`,
      { place, at: new Date(Date.now() + 3600_000).toISOString() });
    assert.equal(ahead.status, 400);
    assert.equal(ahead.json.field, 'at');
    const nobody = await tracker.call('POST', '/api/v1/units/unit-1-9999/position', { place, at: new Date().toISOString() });
    assert.equal(nobody.status, 404);
    const known = await tracker.call('POST', `/api/v1/units/${unit}/position`, { place, at: new Date().toISOString() });
    assert.equal(known.status, 204);
  });

  await test('an unknown id inside a body is 404 and names its field; an object has one id', async () => {
    const absent = await operator.post(`/api/v1/incidents/${incident}/merge`, { into: 'incident-1-99999', reason: 'x' });
    assert.equal(absent.status, 404);
    assert.equal(absent.json.field, 'into');
    const unitless = await operator.post(`/api/v1/incidents/${incident}/dispatch`, { units: ['unit-1-99999'] });
    assert.equal(unitless.status, 404);
    assert.equal(unitless.json.field, 'units');
    const [kind, realm, number] = incident.split('-');
    assert.equal((await operator.get(`/api/v1/incidents/${kind}-${realm}-0${number}`)).status, 404);
    const odd = await operator.post(`/api/v1/incidents/${incident}/merge`, { into: `incident-1-0${number}`, reason: 'x' });
    assert.equal(odd.status, 400);
    assert.equal(odd.json.field, 'into');
  });

  await test('a photo is re-encoded, and looked at only for a purpose', async () => {
    const photos = `/api/v1/incidents/${incident}/photos`;
    const up = await operator.post(photos, png(), { 'Content-Type': 'image/png' });
    assert.ok(up.status === 200 || up.status === 201, up.text);
    const odd = await operator.post(photos, Buffer.from('no picture'), { 'Content-Type': 'image/png' });
    assert.equal(odd.status, 400, odd.text);
    assert.equal(odd.json.field, 'photo');
    assert.equal((await operator.post(photos, png(), { 'Content-Type': 'image/svg+xml' })).status, 415);
    const notes = await operator.get(`/api/v1/incidents/${incident}/notes`);
    const { blob } = notes.json.items.find((i) => i.event === 'incident_attached').fields;
    const plain = await operator.get(`${photos}/${blob}`);
    assert.equal(plain.status, 400);
    assert.equal(plain.json.field, 'X-Purpose');
    const seen = await operator.get(`${photos}/${blob}`, { 'X-Purpose': 'dispatch' });
    assert.equal(seen.status, 200, seen.text);
    assert.equal(seen.headers['content-type'], 'image/jpeg');
    assert.doesNotMatch(seen.text, /secret place/);
    const wrong = await operator.get(`${photos}/${'0'.repeat(32)}`, { 'X-Purpose': 'dispatch' });
    assert.equal(wrong.status, 404);
  });

  const crew = field.push();
  await crew.open();
  await test('it leaves the screen of a unit that is done: gone', async () => {
    await field.post(`/api/v1/assignments/${assignment}/clear`, { result: 'done' });
    await crew.find('gone', (e) => e.type === 'gone' && e.data.id === incident);
    assert.equal((await field.get(`/api/v1/incidents/${incident}`)).status, 404);
  });

  await test('it is closed with a disposition; its history is whole and in order', async () => {
    const types = await operator.get('/api/v1/types?limit=100');
    const type = types.json.items.find((t) => t.code === 'medical_incident');
    const disposition = type.document.dispositions[0].code;
    const closed = await operator.post(`/api/v1/incidents/${incident}/close`, { disposition });
    assert.equal(closed.status, 200, closed.text);
    const log = await operator.get(`/api/v1/incidents/${incident}/log?limit=1000`);
    const events = log.json.items.map((i) => i.event);
    assert.equal(events[0], 'incident_received');
    for (const event of ['assignment_made', 'assignment_moved', 'incident_noted', 'incident_moved'])
      assert.ok(events.includes(event), event);
    const seqs = log.json.items.map((i) => i.seq);
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
    assert.doesNotMatch(log.text, /on it/);
    const notes = await operator.get(`/api/v1/incidents/${incident}/notes`, { 'X-Purpose': 'review' });
    assert.equal(notes.json.items[0].fields.text, 'on it');
  });

  await test('lists are paged by cursor without loss or repeat', async () => {
    const seen = [];
    let cursor = '';
    do {
      const page = await operator.get(`/api/v1/units?limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      assert.equal(page.status, 200);
      seen.push(...page.json.items.map((i) => i.id));
      cursor = page.json.next;
    } while (cursor);
    assert.ok(seen.length > 100);
    assert.equal(new Set(seen).size, seen.length);
  });

  await test('push goes on after a break where it stopped, or says resync', async () => {
    const before = stream.lastId;
    stream.close();
    const raised = await operator.post('/api/v1/signals', { source: 'officer', category: 'noise' });
    for (let i = 0; i < 3; i++) { // many come back at once, while more happens
      const more = await operator.post('/api/v1/signals', { source: 'officer', category: 'noise' });
      const again = operator.push('/api/v1/push?positions=no', { 'Last-Event-ID': before });
      for (const { id } of [raised.json, more.json]) {
        await again.find('the row that was missed', (e) => e.type === 'row' && e.data.id === id);
        await again.find('its log item', (e) => e.type === 'log' && e.data.object === id);
      }
      assert.ok(!again.events.some((e) => e.type === 'resync'));
      again.close();
    }
    const rows = operator.push('/api/v1/push?positions=no&log=no', { 'Last-Event-ID': before });
    await rows.find('the row', (e) => e.type === 'row' && e.data.id === raised.json.id);
    assert.ok(!rows.events.some((e) => e.type === 'log'));
    rows.close();
    for (const id of ['2-1', 'x', '1-999999999']) {
      const lost = operator.push('/api/v1/push', { 'Last-Event-ID': id });
      await lost.find('resync', (e) => e.type === 'resync');
      lost.close();
    }
  });

  await test('a viewport gets the places inside it', async () => {
    const box = operator.push('/api/v1/push?bbox=-122.42,37.76,-122.40,37.78');
    const first = await box.find('places', (e) => e.type === 'positions', 5);
    for (const item of first.data.items) {
      assert.ok(item.place.lat >= 37.76 && item.place.lat <= 37.78);
      assert.ok(item.place.lon >= -122.42 && item.place.lon <= -122.4);
    }
    box.close();
  });

  await test('a revoked session ends its open stream within a second', async () => {
    const victim = await login(base, 'commander', server.accounts.commander);
    const security = await login(base, 'secadmin', server.accounts.secadmin);
    const open = victim.push();
    await open.open();
    const sessions = await security.get('/api/v1/sessions?limit=1000');
    const mine = sessions.json.items.filter((s) => s.user === victim.session.user.id && !s.is_closed);
    assert.ok(mine.length > 0);
    assert.ok(!/token/.test(sessions.text));
    const from = Date.now();
    for (const s of mine) assert.equal((await security.post(`/api/v1/sessions/${s.id}/close`)).status, 200);
    await until('stream ends', 2, () => open.ended);
    assert.ok(open.endedAt - from < 1000, `${open.endedAt - from} ms`);
    assert.equal((await victim.get('/api/v1/session')).status, 401);
  });

  await test('administrators see no incidents; others not what is not theirs', async () => {
    for (const name of ['sysadmin', 'secadmin', 'clerk', 'company']) {
      const other = await login(base, name, server.accounts[name]);
      assert.equal((await other.get('/api/v1/incidents')).status, 403, name);
      assert.equal((await other.post('/api/v1/incidents', { type: 'fight', source: 'phone' })).status, 403, name);
    }
  });

  await test('a call rings, is dropped, is called back', async () => {
    const exchange = await login(base, 'exchange', server.accounts.exchange);
    const rang = await exchange.post('/api/v1/calls', { number: '+15550100', line: '911', external_ref: newKey() });
    assert.equal(rang.status, 201, rang.text);
    assert.equal(rang.json.number, undefined);
    const ended = await exchange.post(`/api/v1/calls/${rang.json.id}/end`);
    assert.equal(ended.json.stage, 'call_back_due');
    const back = await operator.post(`/api/v1/calls/${rang.json.id}/back`, { outcome: 'reached' });
    assert.equal(back.json.stage, 'call_back_done');
  });

  await test('places are resolved and found', async () => {
    const where = await operator.get('/api/v1/places/resolve?lat=37.77&lon=-122.41');
    assert.deepEqual(where.json.areas.map((a) => a.level), [1, 2, 3, 4]);
    assert.ok(where.json.phone && where.json.officer && where.json.station);
    assert.ok(where.json.nearest_street.name);
    const nowhere = await operator.get('/api/v1/places/resolve?lat=0&lon=0');
    assert.deepEqual(nowhere.json.areas, []);
    const found = await operator.get('/api/v1/places/search?q=16th%20st%20%2F%20mission%20st');
    assert.equal(found.json.items[0].kind, 'intersection');
  });

  await test('map, catalogue, health, metrics and pages are served', async () => {
    const tile = await operator.get('/api/v1/tiles/base/12/655/1583.pbf');
    assert.equal(tile.status, 200);
    assert.equal(tile.headers['content-encoding'], 'gzip');
    assert.equal((await operator.get('/api/v1/tiles/base/12/1/1.pbf')).status, 204);
    assert.equal((await operator.get('/api/v1/tiles/base/99/1/1.pbf')).status, 404);
    assert.equal((await operator.get('/api/v1/tiles/live/areas/12/655/1583.pbf')).status, 200);
    const live = '/api/v1/tiles/live/closures/12/655/1583.pbf';
    assert.equal((await operator.get(live)).status, 204);
    const shut = await operator.post('/api/v1/closures', { reason: 'test of the map', path: { type: 'LineString',
      coordinates: [[-122.4100, 37.7700], [-122.4096, 37.7697]] } });
    assert.equal(shut.status, 201, shut.text);
    await until('the closure is drawn', 3, async () => (await operator.get(live)).status === 200);
    assert.equal((await operator.post(`/api/v1/closures/${shut.json.id}/lift`, { reason: 'over' })).status, 200);
    await until('the closure is gone', 3, async () => (await operator.get(live)).status === 204);
    const catalogue = await operator.get('/api/v1/catalogue');
    assert.ok(catalogue.json.types.length > 10 && catalogue.json.areas.length > 10);
    assert.ok(!('shape' in catalogue.json.areas[0]));
    assert.match((await request(base, 'GET', '/metrics')).text, /# EOF\n$/);
    const page = await request(base, 'GET', '/');
    assert.match(page.headers['content-security-policy'], /default-src 'self'/);
    assert.equal((await request(base, 'GET', '/../anwang.conf')).status, 404);
    assert.equal((await request(base, 'GET', '/%2e%2e/anwang.conf')).status, 404);
  });

  await test('a path has its methods: 405 with Allow; HEAD is GET', async () => {
    const wrong = await operator.call('DELETE', '/api/v1/incidents');
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.allow, 'GET, POST');
    const head = await request(base, 'HEAD', '/healthz');
    assert.equal(head.status, 200);
  });

  crew.close();
}

// The form of a sealed contact; what is in it only the offline key could tell.
const sealed = (bytes) => 'ab'.repeat(bytes);

export async function portalWalk(server) {
  const base = `https://localhost:${server.portalPort}`;
  const staff = await login(`https://localhost:${server.port}`, 'operator', server.accounts.operator);

  await test('a report is taken without an account and followed by its code', async () => {
    const meta = await request(base, 'GET', '/api/public/meta');
    assert.match(meta.json.contact_key, /^[0-9a-f]{64}$/);
    for (const { code } of meta.json.categories) { // each is a type that the desk knows
      const raised = await staff.post('/api/v1/signals', { source: 'walk_in', category: code });
      assert.equal(raised.status, 201, `${code}: ${raised.text}`);
    }
    const emergency = await request(base, 'POST', '/api/public/reports', { body: { category: 'structure_fire', words: 'x' } });
    assert.equal(emergency.status, 400);
    assert.equal(emergency.json.field, 'category');
    const sent = await request(base, 'POST', '/api/public/reports',
      { body: { category: meta.json.categories[0].code, words: 'loud music again', contact_sealed: sealed(60), place } });
    assert.equal(sent.status, 201, sent.text);
    assert.match(sent.json.code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
    const signals = await staff.get('/api/v1/signals?stage=new&limit=200');
    const signal = signals.json.items.find((s) => s.source === 'web');
    assert.ok(signal);
    assert.doesNotMatch(signals.text, /follow_code|abab|loud music/);
    const read = await staff.get(`/api/v1/signals/${signal.id}`, { 'X-Purpose': 'verify' });
    assert.equal(read.json.words, 'loud music again');
    assert.equal(read.json.contact, sealed(60)); // this server cannot open it
    const followed = await until('the answer is there', 10, async () => {
      const answer = await request(base, 'GET', `/api/public/reports/${sent.json.code.toLowerCase()}`);
      return answer.status === 200 && answer;
    });
    assert.equal(followed.json.stage, 'new');
    assert.match(followed.json.updated_hour, /:00/);
    const wrong = await request(base, 'GET', '/api/public/reports/0000-0000-0000-0000');
    assert.equal(wrong.status, 404);
  });

  await test('a contact that is not sealed, a place elsewhere and a photo of nobody are refused by name', async () => {
    const body = { category: 'noise', words: 'x' };
    for (const [field, odd] of Object.entries({
      contact: '+86 139 0000 0000', contact_sealed: '+86 139 0000 0000', place: { lat: 0, lon: 0 }, blob: 'x' })) {
      const answer = await request(base, 'POST', '/api/public/reports', { body: { ...body, [field]: odd } });
      assert.equal(answer.status, 400, `${field}: ${answer.text}`);
      assert.equal(answer.json.field, field);
    }
    for (const bytes of [1, 48, 400]) {
      const answer = await request(base, 'POST', '/api/public/reports', { body: { ...body, contact_sealed: sealed(bytes) } });
      assert.equal(answer.status, 400, `${bytes}`);
    }
    const photo = await request(base, 'POST', '/api/public/reports', { body: { ...body, photo: '0'.repeat(32) } });
    assert.equal(photo.status, 400);
    assert.equal(photo.json.field, 'photo');
  });

  await test('the public sees what an officer has cleared, in the officer\'s words, and counts', async () => {
    const commander = await login(`https://localhost:${server.port}`, 'commander', server.accounts.commander);
    const signals = await staff.get('/api/v1/signals?stage=new&limit=200');
    const { id } = signals.json.items.find((s) => s.source === 'web' && s.category === 'noise');
    const early = await commander.post(`/api/v1/signals/${id}/publish`, { text: 'x' });
    assert.equal(early.status, 409);
    assert.equal((await commander.post(`/api/v1/signals/${id}/confirm`, {})).status, 200);
    assert.equal((await staff.post(`/api/v1/signals/${id}/publish`, { text: 'x' })).status, 403);
    const text = 'Loud music in the evening: the owner was warned.';
    assert.equal((await commander.post(`/api/v1/signals/${id}/publish`, { text })).status, 200);
    const shown = await until('the notice is there', 10, async () => {
      const answer = await request(base, 'GET', '/api/public/notices');
      return answer.json.notices.length > 0 && answer;
    });
    assert.deepEqual(Object.keys(shown.json.notices[0]), ['type', 'text', 'day']);
    assert.equal(shown.json.notices[0].text, text);
    assert.doesNotMatch(shown.text, /loud music again|signal-/);
    assert.ok(shown.json.counts.every((c) => c.count >= 10));
    assert.equal((await commander.post(`/api/v1/signals/${id}/withdraw`, { reason: 'over' })).status, 200);
    await until('it is gone', 10, async () =>
      (await request(base, 'GET', '/api/public/notices')).json.notices.length === 0);
  });

  await test('the public door has no other door', async () => {
    for (const target of ['/api/v1/incidents', '/api/v1/session', '/metrics', '/api/v1/push'])
      assert.equal((await request(base, 'GET', target)).status, 404, target);
    const posted = await request(base, 'POST', '/api/v1/incidents', { body: { type: 'fight', source: 'phone' } });
    assert.equal(posted.status, 404);
  });
}

// Hazards of places, the emergency button, check-ins, bells and notices over the real API: what the
// desk sees, what a unit sees, and what neither can do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { login, startServer, test, until } from '../api/harness.mjs';

const NEAR = { lat: 37.7701, lon: -122.4101 };
const PLACE = { lat: 37.77, lon: -122.41 };
const FAR = { lat: 37.79, lon: -122.44 };

async function made(client, target, body) {
  const answer = await client.post(target, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
async function done(client, target, body) {
  const answer = await client.post(target, body);
  assert.equal(answer.status, 200, `${target}: ${answer.text}`);
  return answer.json;
}
async function got(client, target) {
  const answer = await client.get(target);
  assert.equal(answer.status, 200, `${target}: ${answer.text}`);
  return answer.json;
}

async function hazards({ operator, unit, job }) {
  const set = (place, more = {}) => made(operator, '/api/v1/hazards', { kind: 'gas', place, note: 'bottles in the yard', ground: 'seen on a visit', ...more });
  const near = await set(NEAR);
  const far = await set(FAR);
  const list = async (client) => (await got(client, `/api/v1/incidents/${job.id}/hazards`)).items.filter((one) => [near.id, far.id].includes(one.hazard.id));
  await test('a hazard near the incident is named with its distance, one far away is not', async () => {
    await until('the near one', 5, async () => (await list(operator)).length === 1);
    const [one] = await list(operator);
    assert.equal(one.hazard.id, near.id);
    assert.ok(one.distance_m > 5 && one.distance_m < 30, String(one.distance_m));
    assert.equal(one.hazard.author, operator.session.user.id);
  });
  await test('the unit on it reads the same; another unit does not', async () => {
    assert.equal((await list(unit.client)).length, 1);
    assert.equal((await unit.other.get(`/api/v1/incidents/${job.id}/hazards`)).status, 404);
    assert.equal((await unit.client.get('/api/v1/hazards')).status, 403, 'no register of hazards on a phone');
  });
  await test('an area holds the incident; lifted it is gone', async () => {
    const ring = [[-122.4105, 37.7695], [-122.4095, 37.7695], [-122.4095, 37.7705], [-122.4105, 37.7705], [-122.4105, 37.7695]];
    const area = await set(FAR, { shape: { type: 'Polygon', coordinates: [ring] } });
    const inside = () => got(operator, `/api/v1/incidents/${job.id}/hazards`).then((found) => found.items.find((one) => one.hazard.id === area.id));
    const one = await until('the area', 5, inside);
    assert.equal(one.is_inside, true);
    assert.equal(one.distance_m, 0);
    await done(operator, `/api/v1/hazards/${area.id}/lift`, { reason: 'taken away' });
    await until('gone', 5, async () => !await inside());
  });
  await test('no field for a person; bad input is named', async () => {
    const with_name = await operator.post('/api/v1/hazards', { kind: 'gas', place: NEAR, note: 'x', ground: 'x', resident: 'Wang' });
    assert.equal(with_name.status, 400);
    assert.match(with_name.text, /resident/);
    for (const [body, field] of [[{ kind: 'lava' }, 'kind'], [{ until_us: '2020-01-01T00:00:00Z' }, 'until_us'], [{ shape: { type: 'Polygon', coordinates: [] } }, 'shape']]) {
      const bad = await operator.post('/api/v1/hazards', { kind: 'gas', place: NEAR, note: 'x', ground: 'x', ...body });
      assert.equal(bad.status, 400, bad.text);
      assert.equal(bad.json.field, field);
    }
  });
}

async function emergency({ operator, unit, job }) {
  const stream = await unit.client.push('/api/v1/push?log=no').open();
  const raised = await made(unit.client, '/api/v1/emergencies', {});
  await test('pressed without a fix: the last place heard of, and the job', () => {
    assert.equal(raised.unit, unit.id);
    assert.equal(raised.incident, job.id);
    assert.ok(raised.place && raised.placed_us);
  });
  await test('not for another unit; the desk needs to say whose', async () => {
    assert.equal((await unit.client.post('/api/v1/emergencies', { unit: unit.other_id })).status, 404, 'it may not even be named');
    assert.equal((await operator.post('/api/v1/emergencies', {})).status, 400);
    assert.equal((await unit.client.post(`/api/v1/emergencies/${raised.id}/acknowledge`)).status, 403);
  });
  await test('the receipt reaches the phone by push, with a name', async () => {
    await done(operator, `/api/v1/emergencies/${raised.id}/acknowledge`);
    const event = await stream.find('the receipt', (e) => e.type === 'row' && e.data.id === raised.id && e.data.row.stage === 'acknowledged');
    assert.equal(event.data.row.name, operator.session.user.name);
    const again = await operator.post(`/api/v1/emergencies/${raised.id}/acknowledge`);
    assert.equal(again.status, 409, 'once for the whole room');
  });
  await test('a unit that joins the job sees it; it is cleared with a reason', async () => {
    assert.equal((await unit.other.get(`/api/v1/emergencies/${raised.id}`)).status, 404);
    await done(operator, `/api/v1/incidents/${job.id}/dispatch`, { units: [unit.other_id], reason: 'help' });
    assert.equal((await unit.other.get(`/api/v1/emergencies/${raised.id}`)).status, 200);
    assert.equal((await operator.post(`/api/v1/emergencies/${raised.id}/clear`, {})).status, 400);
    await done(operator, `/api/v1/emergencies/${raised.id}/clear`, { reason: 'help is there' });
  });
  await test('who else is on the job, and in how many seconds', async () => {
    const team = await got(unit.client, `/api/v1/incidents/${job.id}/team`);
    assert.equal(team.items.length, 2);
    const other = team.items.find((one) => one.unit === unit.other_id);
    assert.equal(other.stage, 'sent');
    assert.ok(other.eta_s > 0, JSON.stringify(other));
    assert.equal(team.items.find((one) => one.unit === unit.id).eta_s, undefined, 'it is there');
  });
  stream.close();
}

async function check_in({ operator, unit, job, order }) {
  const commander = unit.commander;
  const look = () => got(operator, `/api/v1/assignments/${order.id}`);
  await test('asked by the desk, missed after its time, heard once, answered by radio', async () => {
    await made(commander, '/api/v1/timings', { answer_s: 1 });
    await done(operator, `/api/v1/assignments/${order.id}/ask`);
    const missed = await until('missed', 10, async () => { const row = await look(); return row.missed_us && row; });
    assert.equal(missed.bell, 'safety');
    await done(operator, `/api/v1/assignments/${order.id}/hear`);
    const heard = await look();
    assert.equal(heard.bell, undefined);
    assert.ok(heard.missed_us, 'heard is not answered');
    assert.equal((await operator.post(`/api/v1/assignments/${order.id}/hear`)).status, 409);
    await done(operator, `/api/v1/assignments/${order.id}/check`, { remark: 'by radio' });
    const well = await look();
    assert.equal(well.missed_us, undefined);
    assert.equal(well.checked_by, operator.session.user.id);
  });
  await test('who is alone is asked by the clock; its own word ends it', async () => {
    for (const one of (await got(operator, `/api/v1/assignments?incident=${job.id}&stage=sent`)).items)
      await done(operator, `/api/v1/assignments/${one.id}/cancel`, { reason: 'x' });
    await made(commander, '/api/v1/timings', { check_s: 1, answer_s: 600 });
    await until('asked', 10, async () => (await look()).asked_us);
    await done(unit.client, `/api/v1/assignments/${order.id}/check`);
    assert.equal((await look()).asked_us, undefined);
    await made(commander, '/api/v1/timings', {});
  });
}

async function unseen({ operator, unit, server }) {
  await test('an order that nobody sees goes to the gateway, and rings', async () => {
    await made(unit.commander, '/api/v1/timings', { unseen_s: 1 });
    const job = await made(operator, '/api/v1/incidents', { type: 'fight', source: 'phone', chosen: PLACE, address: '16th Street', words: 'a secret word' });
    await done(operator, `/api/v1/incidents/${job.id}/dispatch`, { units: [unit.other_id], reason: 'x' });
    const [order] = (await got(operator, `/api/v1/assignments?incident=${job.id}`)).items;
    await until('the bell', 10, async () => (await got(operator, `/api/v1/assignments/${order.id}`)).bell === 'unseen');
    const spool = () => readFileSync(path.join(server.dir, 'feed/orders.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const row = await until('the text', 10, () => spool().find((one) => one.channel === `gateway:${unit.other_id}`));
    assert.equal(row.body.order, order.id);
    assert.match(row.body.text.en, /16th Street/);
    assert.doesNotMatch(JSON.stringify(row), /secret/);
    await made(unit.commander, '/api/v1/timings', {});
    await done(operator, `/api/v1/assignments/${order.id}/cancel`, { reason: 'x' });
  });
}

async function notices({ operator, unit }) {
  const notice = await made(operator, '/api/v1/notices', { text: 'Ice on the bridge', is_urgent: true });
  await test('a notice reaches every unit and is confirmed once by each', async () => {
    assert.equal((await got(unit.client, `/api/v1/notices/${notice.id}`)).text, 'Ice on the bridge');
    assert.equal((await unit.client.post('/api/v1/notices', { text: 'x' })).status, 403);
    await done(unit.client, `/api/v1/notices/${notice.id}/confirm`);
    assert.equal((await unit.client.post(`/api/v1/notices/${notice.id}/confirm`)).status, 409);
    assert.deepEqual((await got(operator, `/api/v1/units/${unit.id}`)).confirmed, [notice.id]);
    assert.equal((await got(operator, `/api/v1/units/${unit.other_id}`)).confirmed, undefined);
    await done(operator, `/api/v1/notices/${notice.id}/confirm`, { unit: unit.other_id });
    await done(operator, `/api/v1/notices/${notice.id}/withdraw`, { reason: 'thawed' });
    assert.equal((await operator.post(`/api/v1/notices/${notice.id}/confirm`, { unit: unit.id })).status, 409);
  });
}

export async function safety() {
  const server = await startServer();
  try {
    const as = (name) => login(server.base, name, server.accounts[name]);
    const operator = await as('operator');
    const unit = { client: await as('field1'), other: await as('field2'), commander: await as('commander') };
    unit.id = unit.client.session.user.unit;
    unit.other_id = unit.other.session.user.unit;
    const job = await made(operator, '/api/v1/incidents', { type: 'fight', source: 'phone', chosen: PLACE, address: '16th Street' });
    assert.equal((await got(operator, `/api/v1/incidents/${job.id}`)).bell, 'new');
    await done(operator, `/api/v1/incidents/${job.id}/dispatch`, { units: [unit.id], reason: 'test' });
    const [order] = (await got(operator, `/api/v1/assignments?incident=${job.id}`)).items;
    await done(unit.client, `/api/v1/assignments/${order.id}/arrive`);
    const all = { server, operator, unit, job, order };
    for (const part of [hazards, emergency, check_in, unseen, notices]) await part(all);
  } finally { await server.stop(); }
}

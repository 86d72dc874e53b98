// Malformed input for every operation, made from the OpenAPI document: each is refused with 4xx and a
// problem that names what was wrong, and leaves nothing behind.
import assert from 'node:assert/strict';
import { login, newKey, request, test } from './harness.mjs';

const MISSING = Symbol('left out');

function resolve(document, schema) {
  while (schema?.$ref)
    schema = schema.$ref.slice(2).split('/').reduce((node, key) => node[key], document);
  return schema;
}

function sample(document, raw) {
  const schema = resolve(document, raw);
  if (schema.enum) return schema.enum[0];
  if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
  if (schema.pattern?.includes('[0-9]+-[0-9]+')) return `${/\^([a-z]+)/.exec(schema.pattern)[1]}-1-1`;
  switch (schema.type) {
    case 'integer': return Math.max(1, schema.minimum ?? 1);
    case 'number': return 1;
    case 'boolean': return true;
    case 'array': return [sample(document, schema.items)];
    case 'object': return Object.fromEntries(Object.entries(schema.properties ?? {})
      .filter(([name]) => schema.required?.includes(name)).map(([name, s]) => [name, sample(document, s)]));
    case 'string': return 'x'.repeat(Math.max(1, schema.minLength ?? 1));
    default: return {};
  }
}

// Wrong values of one field.
function* wrongValues(document, raw) {
  const schema = resolve(document, raw);
  const wrong = { integer: ['x', 1.5, -1, 1e15], number: ['x'], boolean: ['yes', 1], string: [7, ['x'], {}],
    array: ['x', [7], [{}]], object: [7, 'x', []] }[schema.type] ?? [];
  yield* wrong;
  if (schema.enum) yield 'no-such-value';
  if (schema.maxLength) yield 'é'.repeat(schema.maxLength);
  if (schema.maximum !== undefined && schema.maximum < 4294967295) yield schema.maximum + 1;
  if (schema.pattern) { yield 'body-0-0'; yield 'nonsense'; yield 'area-65536-1'; }
  if (schema.format === 'date-time') { yield 'yesterday'; yield '2026-13-40T00:00:00Z'; }
  if (schema.properties?.lat) { yield { lat: 91, lon: 0 }; yield { lat: 1 }; yield { lat: 1, lon: 1, alt: 2 }; }
}

function* wrongBodies(document, schema) {
  const good = sample(document, schema);
  yield [null, '{"a":', 'body'];
  yield [null, '[]', 'body'];
  yield [null, '"x"', 'body'];
  yield [null, '{"a":1,"a":2}', 'body'];
  yield [null, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'body'];
  yield [null, `${'['.repeat(200)}${']'.repeat(200)}`, 'body'];
  yield [{ ...good, no_such_field: 1 }, null, 'no_such_field'];
  for (const [name, field] of Object.entries(schema.properties)) {
    if (schema.required?.includes(name)) {
      const { [name]: left_out, ...rest } = good;
      yield [rest, null, name, MISSING, left_out];
    }
    for (const value of wrongValues(document, field)) yield [{ ...good, [name]: value }, null, name];
  }
}

function pathOf(template) {
  return template.replace('{id}', 'KIND-1-1').replace('{blob}', '0'.repeat(32)).replace('{layer}', 'areas')
    .replace('{code}', '0000-0000-0000-0000').replaceAll(/\{[zxy]\}/g, '1');
}

function withId(path, operation, document) {
  const parameter = (operation.parameters ?? []).map((p) => resolve(document, p)).find((p) => p.name === 'id');
  return parameter ? path.replace('KIND', /\^([a-z]+)/.exec(parameter.schema.pattern)[1]) : path;
}

function checkProblem(answer, field, what) {
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
  assert.match(answer.headers['content-type'], /application\/problem\+json/, what);
  assert.equal(answer.json.status, answer.status, what);
  if (answer.status === 400 && field) assert.equal(answer.json.field, field, `${what}: ${answer.text}`);
}

async function newest(who) {
  const log = await who.get('/api/v1/log?limit=200');
  return log.json.items.find((i) => i.role !== 'timer')?.seq ?? 0;
}

export async function malformed(server) {
  const base = `https://localhost:${server.port}`;
  const names = ['operator', 'commander', 'sysadmin', 'secadmin', 'exchange', 'station', 'field1', 'auditor'];
  const people = [];
  for (const name of names) people.push(await login(base, name, server.accounts[name]));
  const watcher = people[0];
  const document = (await request(base, 'GET', '/openapi.json')).json;
  const before = await newest(watcher);
  let count = 0;

  // The first account that the operation does not refuse as a whole.
  const whoMay = async (method, path, body) => {
    for (const who of people) {
      const answer = await who.call(method, path, body);
      if (answer.status !== 403) return who;
    }
    return watcher;
  };

  for (const [template, methods] of Object.entries(document.paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      const method = name.toUpperCase();
      const path = withId(pathOf(template), operation, document);
      if (path === '/api/v1/session' || path === '/api/v1/push') continue;
      await test(`malformed: ${method} ${template}`, async () => {
        const is_json = operation.requestBody?.content['application/json'];
        const who = await whoMay(method, path, is_json ? { no_such_field: 1 } : undefined);
        const parameters = (operation.parameters ?? []).map((p) => resolve(document, p));
        const send = async (target, body, headers, field, what) => {
          const answer = await who.call(method, target, body, headers);
          checkProblem(answer, field, `${method} ${target} ${what}`);
          count++;
        };
        await send(`${path}?no_such_parameter=1`, is_json ? {} : undefined, {}, 'no_such_parameter', 'unknown parameter');
        for (const parameter of parameters.filter((p) => p.in === 'query')) {
          for (const value of wrongQuery(parameter.schema))
            await send(`${path}?${parameter.name}=${value}`, is_json ? {} : undefined, {}, null, 'parameter');
        }
        if (parameters.some((p) => p.in === 'path' && p.name === 'id')) {
          for (const id of ['x', 'incident-1-', 'incident-1-4294967296', '%00', 'area-1-1-1'])
            await send(path.replace(/[a-z]+-1-1/, id), is_json ? {} : undefined, {}, null, 'id');
        }
        if (!is_json) return;
        const schema = resolve(document, is_json.schema);
        const good = sample(document, schema);
        if (parameters.some((p) => p.name === 'Idempotency-Key')) {
          await send(path, good, { 'Idempotency-Key': '' }, 'Idempotency-Key', 'no key');
          await send(path, good, { 'Idempotency-Key': 'x'.repeat(65) }, 'Idempotency-Key', 'long key');
          await send(path, good, { 'If-Match': '12' }, 'If-Match', 'bad version');
        }
        await send(path, good, { 'Content-Type': 'text/plain' }, null, 'media type');
        for (const [body, text, field] of wrongBodies(document, schema)) {
          const headers = body ? {} : { 'Content-Type': 'application/json' };
          await send(path, body ?? text, headers, field, JSON.stringify(body ?? String(text)).slice(0, 160));
        }
      });
    }
  }

  await test(`none of them changed anything (${count} requests)`, async () => {
    assert.ok(count > 1000, String(count));
    assert.equal(await newest(watcher), before);
  });
}

function* wrongQuery(schema) {
  if (schema.type === 'integer') { yield 'x'; yield '-1'; yield '1.5'; yield String((schema.maximum ?? 0) + 1); }
  if (schema.format === 'date-time') yield 'yesterday';
  if (schema.maxLength) yield 'x'.repeat(schema.maxLength + 1);
  yield '%zz';
  yield '%ff';
  yield '%00';
}

// What the public door refuses.
export async function malformedPortal(server) {
  const base = `https://localhost:${server.portalPort}`;
  const good = { category: 'noise', words: 'x' };
  const wrong = [[{ words: 'x' }, 'category'], [{ category: 'noise' }, 'words'], [{ ...good, words: '' }, 'words'],
    [{ ...good, place: { lat: 1000, lon: 0 } }, 'place'], [{ ...good, contact_sealed: 'zz' }, 'contact_sealed'],
    [{ ...good, contact: 'x'.repeat(151) }, 'contact']];
  await test('malformed: public reports', async () => {
    for (const [body, field] of wrong) {
      const answer = await request(base, 'POST', '/api/public/reports', { body, headers: { 'X-Test': newKey() } });
      checkProblem(answer, field, JSON.stringify(body));
    }
  });
}

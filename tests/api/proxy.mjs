// The document is valid, and what the server says conforms to it: the same requests go through a
// proxy that checks every request and answer against the document.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, login, program, request, test, until } from './harness.mjs';

const bin = path.join(import.meta.dirname, 'node_modules/.bin');

export async function lint(server) {
  await test('docs/api.md is what the program says of itself', () => {
    const made = spawnSync(program, ['api', '--markdown'], { encoding: 'utf8' });
    assert.equal(made.stdout, readFileSync(path.join(import.meta.dirname, '../../docs/api.md'), 'utf8'),
      'run: anwang api --markdown > docs/api.md');
  });
  for (const [name, port] of [['staff', server.port], ['public', server.portalPort]]) {
    await test(`the ${name} document is valid OpenAPI 3.1`, async () => {
      const file = path.join(server.dir, `openapi-${name}.json`);
      const answer = await request(`https://localhost:${port}`, 'GET', '/openapi.json');
      writeFileSync(file, answer.text);
      const run = spawnSync(path.join(bin, 'redocly'), ['lint', '--extends=spec', file],
        { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
      assert.equal(run.status, 0, run.stdout + run.stderr);
    });
  }
}

async function startProxy(server) {
  const port = await freePort();
  const child = spawn(path.join(bin, 'prism'), ['proxy', '--errors', '-p', String(port),
    path.join(server.dir, 'openapi-staff.json'), `https://localhost:${server.port}`],
  { stdio: 'ignore', env: { ...process.env, NODE_EXTRA_CA_CERTS: server.ca } });
  await until('proxy is ready', 30, async () =>
    (await request(`http://127.0.0.1:${port}`, 'GET', '/healthz').catch(() => null))?.status === 200);
  return { base: `http://127.0.0.1:${port}`, stop: () => child.kill('SIGTERM') };
}

// Every GET that needs no more than an id, and a way through the writes.
export async function conformance(server) {
  const proxy = await startProxy(server);
  try {
    const operator = await login(proxy.base, 'operator', server.accounts.operator);
    const document = (await operator.get('/openapi.json')).json;
    const check = (answer, what) => {
      assert.equal(answer.headers['sl-violations'], undefined, `${what}: ${answer.headers['sl-violations']}`);
      assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
      return answer;
    };
    await test('the proxy does flag what does not conform', async () => {
      const answer = await operator.get('/api/v1/units?limit=0');
      assert.match(answer.text, /violations|UNPROCESSABLE/i);
    });
    let incident;
    await test('writes conform to the document', async () => {
      const made = check(await operator.post('/api/v1/incidents', { type: 'fight', source: 'phone',
        chosen: { lat: 37.77, lon: -122.41 }, words: 'two people' }), 'create');
      assert.equal(made.status, 201, made.text);
      incident = made.json.id;
      for (const [verb, body] of [['enter', {}], ['prioritise', { priority: 'P1', reason: 'worse' }],
        ['note', { text: 'seen' }], ['state', { category: 'witness', certainty: 'opinion', text: 'loud' }],
        ['review', { outcome: 'satisfied' }]])
        check(await operator.post(`/api/v1/incidents/${incident}/${verb}`, body), verb);
      check(await operator.post('/api/v1/signals', { source: 'officer' }), 'signal');
    });
    for (const [template, methods] of Object.entries(document.paths)) {
      if (!methods.get || /push|tiles|metrics|photos/.test(template)) continue;
      await test(`conforms: GET ${template}`, async () => {
        const kind = /\/(\w+?)s\/\{id\}/.exec(template)?.[1];
        const id = kind === 'incident' ? incident : `${kind === 'bodie' ? 'body' : kind}-1-1`;
        const query = { '/api/v1/places/resolve': '?lat=37.77&lon=-122.41',
          '/api/v1/places/search': '?q=mission', '/api/v1/incidents/{id}/route': '?unit=unit-1-1' }[template] ?? '';
        check(await operator.get(template.replace('{id}', id) + query), template);
      });
    }
  } finally {
    proxy.stop();
  }
}

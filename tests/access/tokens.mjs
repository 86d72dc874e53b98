// Tokens that are no session's: forged, cut, grown, of another scheme, of a session that has ended. All get
// the answer of who brings none. And a request repeated by another account is that account's own request.
import { login, newKey, request } from '../api/harness.mjs';

// What is no token of a session that goes on, made from one that is.
function forgeries(token, ended) {
  const other = token.at(-1) === 'A' ? 'B' : 'A';
  const bearer = (text) => ({ Authorization: `Bearer ${text}` });
  return {
    'no token': {},
    'an empty one': bearer(''),
    'a word': bearer('token'),
    'one letter changed': bearer(token.slice(0, -1) + other),
    'one letter missing': bearer(token.slice(0, -1)),
    'one letter more': bearer(`${token}A`),
    'twice': bearer(token + token),
    'of 4,000 letters': bearer('A'.repeat(4000)),
    'another scheme': { Authorization: `Basic ${token}` },
    'of an ended session': bearer(ended),
    'a cookie with one letter changed': { Cookie: `__Host-session=${token.slice(0, -1)}${other}` },
    'a cookie of another name': { Cookie: `session=${token}` },
  };
}

export async function tokens(world) {
  const done = { count: 0, faults: [] };
  const { base } = world.server;
  const fresh = () => login(base, 'mx-chief', world.password);
  const [live, gone] = [await fresh(), await fresh()];
  await gone.call('DELETE', '/api/v1/session');
  const { id } = world.objects.find((o) => o.kind === 'incident' && o.site === 'own');
  const tries = [['GET', '/api/v1/session'], ['GET', `/api/v1/incidents/${id}`], ['GET', '/api/v1/push'], ['POST', `/api/v1/incidents/${id}/note`, { text: 'forged' }]];
  for (const [method, path, body] of tries) {
    let plain;
    for (const [what, headers] of Object.entries(forgeries(live.session.token, gone.session.token))) {
      const answer = await request(base, method, path, { body, headers: { ...headers, ...(body ? { 'Idempotency-Key': newKey() } : {}) } });
      // Without any token a request ends before its body is read, so its answer is the shorter one.
      const said = `${answer.status} ${answer.json?.title} ${answer.json?.detail}`;
      plain ??= said;
      done.count++;
      if (answer.status !== 401 || said !== plain) done.faults.push(`${what}: ${method} ${path}: ${said}, not ${plain}`);
    }
  }
  await repeats(world, live, id, done);
  return done;
}

// The same key and body: done once for who sent it, and nothing for who may not.
async function repeats(world, live, id, done) {
  const key = { 'Idempotency-Key': newKey() };
  const stranger = world.actors.find((a) => a.posting === 'county' && a.role === 'company');
  const hidden = world.actors.find((a) => a.posting === 'county' && a.role === 'force_member');
  const send = (actor) => actor.post(`/api/v1/incidents/${id}/note`, { text: 'once' }, key);
  const [first, again, other, blind] = [await send(live), await send(live), await send(stranger), await send(hidden)];
  done.count += 4;
  if (first.status !== 200 || first.json.replayed) done.faults.push(`a first request: ${first.status} ${first.text}`);
  if (again.status !== 200 || !again.json.replayed || again.json.seq !== first.json.seq) done.faults.push(`a repeat: ${again.status} ${again.text}`);
  if (other.status !== 403) done.faults.push(`a repeat by who may not: ${other.status} ${other.text}`);
  if (blind.status !== 404) done.faults.push(`a repeat by who may not see it: ${blind.status} ${blind.text}`);
}

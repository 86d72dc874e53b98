// A right that is taken away: the open stream ends, or says `gone`, and the next request is refused, all
// within a second of the answer to who took it. An account from which nothing was taken is the control.
import { login } from '../api/harness.mjs';

const LIMIT_MS = 1000;

export async function revoke(world) {
  const done = { slowest_ms: 0, count: 0, faults: [] };
  const of = (role) => world.actors.find((a) => a.posting === 'city' && a.role === role);
  const again = async (role) => ({ ...of(role), ...await login(world.server.base, of(role).name, world.password) });
  const kept = await again('commander');
  const control = await kept.push().open();
  for (const { what, actor, take, path } of cases(world, await again('operator'), await again('auditor'), await again('station_room'), await again('reviewer'))) {
    const stream = await actor.push().open();
    const before = (await actor.get(path)).status;
    await take(actor);
    const taken = Date.now();
    await settled(done, what, taken, () => stream.ended);
    await settled(done, `${what}: the next request`, taken, async () => [401, 403].includes((await actor.get(path)).status));
    if (before !== 200) done.faults.push(`${what}: ${path} was ${before} before`);
    stream.close();
  }
  await assignment(world, done);
  const { id } = world.objects.find((o) => o.kind === 'incident' && o.site === 'own');
  const note = await world.give(world.chief, `/api/v1/incidents/${id}/note`, { text: 'still told' });
  const is_told = await control.upTo(note.seq, 5).then(() => !control.ended, () => false);
  if (!is_told || (await kept.get('/api/v1/session')).status !== 200) done.faults.push('the control: an account from which nothing was taken lost its stream');
  control.close();
  return done;
}

function cases(world, left, closed, changed, locked) {
  const { security } = world;
  const whole = (actor, role) => ({ login: actor.name, name: actor.mark, role, body: world.body.above, area: world.area.above, credential: world.password });
  return [
    { what: 'logged out', actor: left, path: '/api/v1/incidents', take: (actor) => actor.call('DELETE', '/api/v1/session') },
    { what: 'session closed by the security administrator', actor: closed, path: '/api/v1/log', take: async (actor) => {
      const { items } = (await security.get(`/api/v1/sessions?user=${actor.id}&is_closed=false`)).json;
      for (const session of items) await world.give(security, `/api/v1/sessions/${session.id}/close`);
    } },
    { what: 'another role', actor: changed, path: '/api/v1/incidents', take: (actor) => world.give(security, '/api/v1/users', whole(actor, 'court_clerk')) },
    { what: 'account locked', actor: locked, path: '/api/v1/incidents', take: (actor) => world.give(security, `/api/v1/users/${actor.id}/disable`, { reason: 'left' }) },
  ];
}

// The order of a unit ends: its crew sees neither the incident nor its photo any longer.
async function assignment(world, done) {
  const crew = world.actors.find((a) => a.posting === 'city' && a.role === 'field_unit');
  const incident = world.objects.find((o) => o.kind === 'incident' && o.is_mine && o.site === 'own');
  const order = world.objects.find((o) => o.kind === 'assignment' && o.is_mine && o.is_open && o.site === 'own');
  const photo = () => crew.get(`/api/v1/incidents/${incident.id}/photos/${incident.blob}`, { 'X-Purpose': 'dispatch' });
  const stream = await crew.push().open();
  const before = (await photo()).status;
  await world.give(world.chief, `/api/v1/assignments/${order.id}/cancel`, { reason: 'not needed' });
  const taken = Date.now();
  await settled(done, 'order ended', taken, () => stream.events.some((e) => e.type === 'gone' && e.data.id === incident.id));
  await settled(done, 'order ended: its photo', taken, async () => (await photo()).status === 404);
  if (before !== 200) done.faults.push(`order ended: its photo was ${before} before`);
  stream.close();
}

async function settled(done, what, taken, check) {
  done.count++;
  while (!await check()) {
    if (Date.now() - taken > 10 * LIMIT_MS) {
      done.faults.push(`${what}: not within ${10 * LIMIT_MS} ms`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const ms = Date.now() - taken;
  done.slowest_ms = Math.max(done.slowest_ms, ms);
  if (ms > LIMIT_MS) done.faults.push(`${what}: after ${ms} ms`);
}

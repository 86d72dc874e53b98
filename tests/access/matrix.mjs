// Runs calls against a server, and says where the answers differ from the oracle.
import { request } from '../api/harness.mjs';

const WIDTH = 32;

const MARK = /mk\d{4}z/g;
const CANARY = /(?:says|tel|watch|notes) mk\d{4}z/g;

export class Matrix {
  constructor(world, oracle) {
    this.world = world;
    this.oracle = oracle;
    this.calls = 0;
    this.differences = [];
    this.absent = new Map(); // what is said of an object that is not there, by actor and route
    this.hidden = [];
    this.versions = new Map(); // ETag of each object
    this.readable = new Map();
    this.portal = `https://localhost:${world.server.portalPort}`;
    this.owner = new Map(world.objects.filter((o) => o.mark).map((o) => [o.mark, o]));
  }

  async call(test) {
    this.calls++;
    const { actor, method, path, body, headers } = test;
    if (test.route.door === 'public')
      return request(this.portal, method, path, { body, headers: { ...headers, ...(actor.authorization ? { Authorization: actor.authorization } : {}) } });
    return actor.call(method, path, body, headers);
  }

  // Every call, many at a time. Stops at the first difference if only that is asked for.
  async run(tests, { is_first = false, width = WIDTH } = {}) {
    const queue = tests[Symbol.iterator]();
    const work = async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        if (is_first && this.differences.length) return;
        const test = next.value;
        try {
          const answer = await this.call(test);
          for (const why of this.faults(test, answer)) this.differ(test, answer, why);
        } catch (error) { this.differ(test, null, error.message); }
      }
    };
    await Promise.all(Array.from({ length: width }, work));
  }

  differ(test, answer, why) {
    const { actor, method, path, purpose, object, expect, route } = test;
    const state = object?.site ? ` (${object.site}${object.is_open === false ? ', closed' : ''}${object.is_mine ? ', mine' : ''})` : '';
    this.differences.push({ test, group: `${method} ${route?.target ?? path}, expected ${expect}: ${why.replaceAll(/[\d"]+/g, '#').slice(0, 60)}`,
      text: `${actor.name} ${method} ${path}${purpose ? ` for ${purpose}` : ''}${state}: expected ${expect}; ${why}${answer ? `; answer ${answer.status} ${answer.text.slice(0, 160)}` : ''}` });
  }

  // One line for all of a sort, with an example.
  report(limit = 60) {
    const groups = new Map();
    for (const one of this.differences) groups.set(one.group, [...(groups.get(one.group) ?? []), one.text]);
    return [...groups.values()].slice(0, limit).map((texts) => `${texts.length} x ${texts[0]}`);
  }

  * faults(test, answer) {
    const wanted = this.statusesOf(test);
    // What changes by itself meanwhile has another version, and is answered whole.
    const has_changed = test.is_known_version && answer.status === 200 && answer.headers.etag !== test.headers['If-None-Match'];
    if (!(has_changed && test.expect === 'may') && !wanted.includes(answer.status)) yield `not ${wanted.join(' or ')}`;
    yield* this.leaks(test, answer.text);
    if (test.expect === 'may' && answer.status === 200) yield* this.contents(test, answer);
    this.remember(test, answer);
  }

  statusesOf(test) {
    if (test.expect === 'no method') return [405];
    if (test.is_known_version && test.expect === 'may') return [304];
    if (test.expect === 'may') return test.permitted;
    if (test.actor.role === 'nobody' && test.route.door === 'staff') return [401];
    return test.expect === 'hidden' ? [404] : [403];
  }

  reads(actor, object) {
    const key = `${actor.name} ${object.id}`;
    if (!this.readable.has(key)) this.readable.set(key, actor.role !== 'nobody' && this.oracle.reads(actor, object));
    return this.readable.get(key);
  }

  // What an answer tells beside its own object. Who did what stands beside what was done, and every
  // account knows itself; a job tells of the hazards of its place and of who else is on it.
  mayTell(actor, owner, target) {
    if (owner.kind === 'user') return owner.user === actor.id || /log|notes|push/.test(target);
    if (target === '/api/v1/incidents/{id}/hazards') return owner.kind === 'hazard';
    return target === '/api/v1/incidents/{id}/team' && owner.kind === 'unit';
  }

  // Words of objects that are none of the actor's; of persons, without a purpose or of another object.
  * leaks({ actor, purpose, object, expect, path, route }, text) {
    for (const mark of new Set(text.match(MARK))) {
      const owner = this.owner.get(mark);
      if (owner && !path.includes(mark) && !this.reads(actor, owner) && !(expect === 'may' && this.mayTell(actor, owner, route?.target ?? path))) yield `tells of ${owner.id}, which is ${owner.site}`;
    }
    for (const canary of new Set(text.match(CANARY))) {
      if (!(purpose && expect === 'may' && canary.endsWith(object.mark))) yield `tells what a person said: ${canary}`;
    }
  }

  * contents(test, answer) {
    const { route, actor, object, purpose, method, searched } = test;
    if (method === 'HEAD') {
      if (answer.text !== '') yield 'a body';
      return;
    }
    if (route.is_list && method === 'GET') yield* this.listFaults(test, answer);
    if (route.target === '/api/v1/units/positions') yield* this.difference(answer.json.items.map((item) => item.unit), this.world.objects.filter((o) => o.kind === 'unit' && this.oracle.lets(test.rule, actor, o)));
    if (!object || method !== 'GET' || searched) return;
    if (/\{id\}$/.test(route.target) && answer.json.id !== object.id) yield 'another object';
    if (/\{id\}$/.test(route.target) && !answer.headers.etag) yield 'no ETag';
    const said = route.target.endsWith('/notes') ? object.note : /\{id\}$/.test(route.target) ? object.canary : null;
    if (purpose && said && !answer.text.includes(said)) yield `does not tell ${said}`;
    if (route.target.endsWith('/{blob}') && answer.headers['content-type'] !== 'image/jpeg') yield 'no photo';
  }

  * listFaults({ route, actor, rule, searched }, answer) {
    const ids = answer.json.items.map((item) => item.id);
    const all = this.world.objects.filter((o) => o.kind === route.kind);
    const expected = all.filter((o) => this.oracle.lets(rule, actor, o) && (!searched || searched === o));
    yield* this.difference(ids, expected, all);
    if (searched && ids.length !== expected.length) yield `found ${ids.length} times`;
  }

  * difference(ids, expected, all = this.world.objects.filter((o) => o.kind === expected[0]?.kind)) {
    const there = new Set(ids);
    const wanted = new Set(expected.map((o) => o.id));
    for (const o of expected) if (!there.has(o.id)) yield `${o.id} (${o.site}) is missing`;
    for (const o of all) if (there.has(o.id) && !wanted.has(o.id)) yield `${o.id} (${o.site}) is listed`;
  }

  // Hidden and not there must be one answer: kept here, compared when all have come.
  remember(test, answer) {
    const { object, expect, method, route, purpose, actor } = test;
    if (expect === 'may' && object && /\{id\}$/.test(route.target) && answer.headers.etag) this.versions.set(object.id, answer.headers.etag);
    if (!object || object.is_new || (expect !== 'hidden' && expect !== 'role')) return;
    const key = `${actor.name} ${method} ${route.target} ${purpose} ${expect}`;
    const print = fingerprint(answer, object);
    if (object.is_missing) this.absent.set(key, print);
    else this.hidden.push({ test, answer, key, print });
  }

  compareHidden() {
    for (const { test, answer, key, print } of this.hidden) {
      if (this.absent.get(key) !== print) this.differ(test, answer, `not as of an object that is not there: ${print} | ${this.absent.get(key)}`);
    }
    this.hidden.length = 0;
  }

  // The same reads by who knows the version: 304 only for who may read it.
  * versioned(tests) {
    for (const test of tests) {
      const etag = test.object && this.versions.get(test.object.id);
      if (etag && test.method === 'GET' && !test.purpose && /\{id\}$/.test(test.route.target))
        yield { ...test, headers: { 'If-None-Match': etag }, is_known_version: true };
    }
  }

  // Every stream at once: what was missed since the world began, then what happens now.
  async push() {
    const rule = this.oracle.row('staff', 'GET', '/api/v1/push');
    const actors = this.world.actors.filter((actor) => rule.get(actor.role));
    const last = (await this.world.desk.get('/api/v1/log?limit=1')).json.as_of;
    const streams = actors.map((actor) => ({ actor, stream: actor.push('/api/v1/push', { 'Last-Event-ID': `1-${this.world.since}` }) }));
    await Promise.all(streams.map(({ stream }) => stream.upTo(last)));
    for (const { actor, stream } of streams) this.checkStream('what was missed', actor, stream, this.world.objects.filter((o) => !['user', 'session'].includes(o.kind) && o.mark));
    for (const { stream } of streams) stream.events.length = 0;
    const incidents = this.world.objects.filter((o) => o.kind === 'incident');
    let now = last;
    for (const { id, note } of incidents) now = (await this.world.give(this.world.chief, `/api/v1/incidents/${id}/note`, { text: note })).seq;
    await Promise.all(streams.map(({ stream }) => stream.upTo(now)));
    for (const { actor, stream } of streams) {
      this.checkStream('what happens', actor, stream, incidents);
      stream.close();
    }
  }

  checkStream(what, actor, stream, objects) {
    this.calls++;
    const test = { actor, method: 'GET', path: `/api/v1/push (${what})`, expect: 'may' };
    const rows = new Set(stream.events.filter((e) => e.type === 'row').map((e) => e.data.id));
    for (const why of this.leaks(test, JSON.stringify(stream.events))) this.differ(test, null, why);
    if (stream.events.some((e) => e.type === 'resync')) this.differ(test, null, 'resync');
    for (const o of objects) {
      if (rows.has(o.id) !== this.reads(actor, o)) this.differ(test, null, `${o.id} (${o.site}) is ${rows.has(o.id) ? 'sent' : 'missing'}`);
    }
  }
}

// Status, headers and body, with what was asked for taken out.
function fingerprint(answer, object) {
  const length = Number(answer.headers['content-length'] ?? 0) - (answer.text.includes(object.id) ? object.id.length : 0);
  const headers = Object.entries(answer.headers).filter(([name]) => name !== 'date' && name !== 'content-length').map((pair) => pair.join('=')).sort();
  const text = answer.text.replaceAll(object.id, 'ID');
  return `${answer.status} ${headers.join(' ')} ${answer.text ? length : ''} ${object.blob ? text.replaceAll(object.blob, 'BLOB') : text}`;
}

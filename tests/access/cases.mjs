// Every call of the matrix: each route with each actor and each object, and what the oracle says of it.
import { pluralOf } from './oracle.mjs';
import { placeOf } from './world.mjs';

const TILE = { z: '12', x: '655', y: '1583' };
const OTHER_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
export const PURPOSES = ['dispatch', 'verify', 'call_back', 'review', 'audit', 'handover'];

// What a route needs in its query, and bodies that the schema alone does not tell.
const queries = {
  '/api/v1/incidents/{id}/route': (world) => `unit=${world.unit.mine}`,
  '/api/v1/circles': () => 'minutes=1',
  '/api/v1/streets': (world) => `name=${encodeURIComponent(world.street)}`,
  '/api/v1/places/resolve': () => 'lat=37.765&lon=-122.49',
  '/api/v1/places/search': () => 'q=mk00',
  '/api/v1/log': () => 'limit=1000',
};
const bodies = {
  session_login: () => ({ login: 'nobody', password: 'wrong', more: 1 }),
  position_send: (world, actor, object) => ({ place: placeOf(object.site), at: new Date().toISOString() }),
  incident_attach: () => Buffer.from('no picture'),
  user_install: (world) => ({ login: 'mx-new', name: 'x', role: 'operator', body: world.body.apart, credential: world.password }),
  public_report: () => ({ category: 'none', words: 'none' }),
  public_photo: () => Buffer.from('no picture'),
};
// What a permitted call answers where that is not the rule of `permitted` below.
const statuses = {
  session_login: [400], position_send: [204], incident_attach: [400], public_report: [400],
  public_photo: [400], public_follow: [404],
};

export class Cases {
  constructor(world, oracle, documents) {
    this.world = world;
    this.oracle = oracle;
    const kinds = [...new Set(world.objects.map((o) => o.kind))];
    this.routes = Object.entries(documents).flatMap(([door, document]) => Object.entries(document.paths).flatMap(([target, item]) =>
      Object.entries(item).filter(([method]) => method !== 'parameters').map(([method, operation]) => ({
        door, target, method: method.toUpperCase(), action: operation['x-action'], operation,
        schemas: document.components.schemas, ...subject(door, target, kinds) }))));
  }

  // Lines of the oracle without a route, and routes without a line.
  gaps() {
    const known = new Set(this.routes.map((r) => `${r.door} ${r.method} ${r.target}`));
    const named = new Set([...this.oracle.rows.keys()].map((key) => key.split(' ').slice(0, 3).join(' ')));
    return [...[...known].filter((key) => !named.has(key)).map((key) => `no line in oracle.csv: ${key}`),
      ...this.routes.filter((r) => r.target.includes('{id}') && !r.kind).map((r) => `no such object in world.mjs: ${r.target}`),
      ...[...named].filter((key) => !known.has(key)).map((key) => `no such route: ${key}`)];
  }

  // Objects that a route is tried on: of accounts and sessions one's own, and one a site of others.
  objects(route, actor) {
    const all = this.world.objects.filter((o) => o.kind === route.kind && (!route.target.includes('{blob}') || o.blob));
    const few = ['user', 'session'].includes(route.kind)
      ? all.filter((o) => o.user === actor.id || all.findIndex((p) => p.site === o.site && p.user !== actor.id) === all.indexOf(o)) : all;
    return route.action === 'incident_attach' ? few.slice(0, 8) : few;
  }

  // An object that is not there, with as many digits as those that are.
  missing(kind) {
    const all = this.world.objects.filter((o) => o.kind === kind).map((o) => o.id.split('-'));
    const [name, realm, number] = all[all.length - 1];
    return { kind, id: `${name}-${realm}-${'9'.repeat(number.length + 1)}`, is_missing: true, blob: '0'.repeat(32) };
  }

  // A body of the route's schema, with what is needed and no more.
  sample(route, actor, object) {
    if (bodies[route.action]) return bodies[route.action](this.world, actor, object);
    const ref = route.operation.requestBody?.content?.['application/json']?.schema?.$ref;
    const schema = ref && route.schemas[ref.split('/').pop()];
    if (!schema) return undefined;
    return Object.fromEntries((schema.required ?? []).map((name) => [name, this.value(schema.properties[name], actor, object)]));
  }

  value(schema, actor, object) {
    if (schema.enum) return schema.enum[0];
    if (schema.type === 'array') return [this.value(schema.items, actor, object)];
    if (schema.format === 'date-time') return '2026-11-24T00:00:00Z';
    if (schema.type === 'integer') return Math.max(1, schema.minimum ?? 1);
    if (schema.type === 'object') return placeOf('own');
    if (schema.type === 'boolean') return true;
    if (schema.type === 'string' && !schema.pattern) return 'x';
    const kind = /^\^(\w+)-/.exec(schema.pattern ?? '')?.[1];
    if (!kind) return {};
    if (kind === 'unit') return this.world.unit.mine;
    return this.world.objects.find((o) => o.kind === kind && o.id !== object?.id && this.oracle.reads(actor, o))?.id ?? `${kind}-1-1`;
  }

  one(route, actor, object, purpose = '') {
    const target = route.target.replace('{id}', object?.id).replace('{blob}', object?.blob).replace(/\{(\w+)\}/g, (all, name) => TILE[name] ?? { layer: 'posts', code: 'none' }[name]);
    const query = queries[route.target]?.(this.world) ?? (route.is_list && route.method === 'GET' ? 'limit=1000' : '');
    const rule = this.oracle.row(route.door, route.method, route.target, purpose)?.get(actor.role);
    const is_command = route.method === 'POST' && object && !object.is_new;
    const expect = !rule ? 'role' : object?.is_missing ? 'hidden' : this.oracle.expect(rule, actor, object);
    return { route, actor, object, purpose, method: route.method, path: query ? `${target}?${query}` : target, rule,
      expect: object?.is_new && expect !== 'may' ? 'role' : expect,
      headers: { ...(purpose ? { 'X-Purpose': purpose } : {}), ...(is_command && !statuses[route.action] ? { 'If-Match': '"1"' } : {}),
        ...(['incident_attach', 'public_photo'].includes(route.action) ? { 'Content-Type': 'image/png' } : {}) },
      body: object?.is_new ? { ...this.sample(route, actor), body: object.id } : this.sample(route, actor, object),
      permitted: statuses[route.action] ?? permitted(route, object) };
  }

  // Targets of a route: objects and one that is not there; offices for what is made for one; else none.
  targets(route, actor) {
    if (route.kind && route.target.includes('{id}')) return [this.missing(route.kind), ...this.objects(route, actor)];
    if (['unit_enrol', 'roster_set', 'post_install'].includes(route.action))
      return this.world.objects.filter((o) => o.kind === 'body').map((o) => ({ ...o, is_new: true }));
    return [undefined];
  }

  * of(route, actors = this.world.actors) {
    // Who stands nowhere in particular reads as the city does, and elsewhere: tried where that can differ.
    const few = route.door === 'public' ? actors.filter((a) => a.role === 'nobody' || a.name === 'mx-county-operator')
      : actors.filter((a) => a.posting !== 'realm' || a.role === 'nobody' || route.method === 'GET');
    const needs_purpose = route.target.includes('{blob}');
    const has_purposes = this.oracle.row(route.door, route.method, route.target, 'audit');
    for (const actor of few) {
      if (route.action === 'session_use' && route.method === 'DELETE' && actor.role !== 'nobody') continue; // in revoke.mjs
      const has_rule = ['', ...PURPOSES].some((p) => this.oracle.row(route.door, route.method, route.target, p)?.has(actor.role));
      if (!has_rule && actor.posting === 'city') continue; // where one stands matters to who has a right
      if (route.action === 'push_read' && this.oracle.row('staff', 'GET', route.target).get(actor.role)) continue; // Matrix.push
      for (const object of this.targets(route, actor)) {
        if (!needs_purpose) yield this.one(route, actor, object);
        if (route.method === 'GET' && !needs_purpose && actor.posting === 'county') yield { ...this.one(route, actor, object), method: 'HEAD' };
        for (const purpose of has_purposes && actor.posting !== 'realm' ? PURPOSES : []) yield this.one(route, actor, object, purpose);
      }
    }
  }

  // Lists asked for one object by its words: how often it is found tells as much as a row.
  * searches(actors = this.world.actors) {
    for (const kind of ['signal', 'incident', 'unit', 'post', 'area']) {
      const route = this.routes.find((r) => r.method === 'GET' && r.target === `/api/v1/${pluralOf(kind)}`);
      for (const actor of actors) {
        for (const object of this.world.objects.filter((o) => o.kind === kind))
          yield { ...this.one(route, actor), path: `${route.target}?q=${object.mark}`, searched: object };
      }
    }
  }

  // Methods that a path has not: the same for everybody.
  * methods() {
    const actors = this.world.actors.filter((a) => ['nobody', 'mx-county-operator', 'mx-realm-security_admin'].includes(a.name));
    const paths = new Map();
    for (const route of this.routes.filter((r) => r.door === 'staff'))
      paths.set(route.target, [...(paths.get(route.target) ?? []), route]);
    for (const [, routes] of paths) {
      for (const method of OTHER_METHODS.filter((m) => !routes.some((r) => r.method === m))) {
        for (const actor of actors) {
          const object = routes[0].kind && this.world.objects.find((o) => o.kind === routes[0].kind && (o.blob || !routes[0].target.includes('{blob}')));
          yield { ...this.one(routes[0], actor, object), method, body: undefined, expect: 'no method' };
        }
      }
    }
  }
}

function permitted(route, object) {
  if (route.method === 'GET') return [200, 204];
  if (object && !object.is_new) return [412]; // the version named in If-Match is not the object's
  return [200, 201, 400, 409];
}

// The kind whose objects a path is about: /api/v1/<kind>s/...
function subject(door, target, kinds) {
  const word = target.split('/')[3];
  const kind = (door === 'staff' && kinds.find((one) => pluralOf(one) === word)) || null;
  return { kind, is_list: kind !== null && target.split('/').length === 4 };
}

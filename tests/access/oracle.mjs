// The oracle: oracle.csv and words.csv as a person wrote them, and what they say of a call.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SITES } from './world.mjs';

const linesOf = (name) => readFileSync(path.join(import.meta.dirname, name), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#')).slice(1);

function readWords() {
  const words = new Map();
  for (const line of linesOf('words.csv')) {
    const [word, posting, ...cells] = line.split(',');
    assert.equal(cells.length, SITES.length, line);
    words.set(`${word} ${posting}`, Object.fromEntries(SITES.map((site, n) => [site, cells[n]])));
  }
  return words;
}

export class Oracle {
  constructor() {
    this.words = readWords();
    this.groups = new Map();
    this.rows = new Map(); // "door METHOD path purpose" -> Map role -> {word, is_open}
    for (const line of linesOf('oracle.csv')) {
      const [door, method, target, purpose, who] = line.split(',');
      if (door === 'group') this.groups.set(method, who.split(' '));
      else this.addRow(`${door} ${method} ${target} ${purpose}`, who);
    }
  }

  addRow(key, who) {
    assert.ok(!this.rows.has(key), `twice in oracle.csv: ${key}`);
    const roles = new Map();
    for (const part of who.split(';').filter(Boolean)) {
      const [names, text] = part.split(':').map((one) => one.trim());
      const [word, open] = text.split(' ');
      assert.ok(this.words.has(`${word} realm`), `no such word: ${part}`);
      for (const role of names.split(' ').flatMap((name) => this.groups.get(name) ?? [name])) {
        assert.ok(!roles.has(role), `${key}: ${role} twice`);
        roles.set(role, { word, is_open: open === 'open' });
      }
    }
    this.rows.set(key, roles);
  }

  // What a route of one door lets a role do: undefined when it has no line at all.
  row(door, method, target, purpose = '') { return this.rows.get(`${door} ${method} ${target} ${purpose}`); }

  knows({ door, method, target }) {
    return ['', 'audit'].some((purpose) => this.row(door, method, target, purpose) !== undefined);
  }

  lets(rule, actor, object) {
    if (!rule || (rule.is_open && !object.is_open)) return false;
    const cell = this.words.get(`${rule.word} ${actor.posting}`)[object.site];
    if (cell === 'mine') return object.is_mine;
    if (cell === 'self') return object.user === actor.id;
    return cell === 'yes';
  }

  // Whether the actor may read the object's row.
  reads(actor, object) {
    const rule = this.row('staff', 'GET', `/api/v1/${pluralOf(object.kind)}/{id}`).get(actor.role);
    return this.lets(rule, actor, object);
  }

  // may | role (whatever the object) | seen (it may be read, not this) | hidden (as if it were not there)
  expect(rule, actor, object) {
    if (!rule) return 'role';
    if (!object || this.lets(rule, actor, object)) return 'may';
    return this.reads(actor, object) ? 'seen' : 'hidden';
  }
}

export const pluralOf = (kind) => (kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`);

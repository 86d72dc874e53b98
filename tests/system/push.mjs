// A subscriber that comes back late: what it missed, or `resync` where that is too much.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build, demoFolder, login, serve, test, until } from '../api/harness.mjs';

const EVENTS = 15000;

export async function push() {
  const dir = demoFolder();
  try {
    const filled = spawnSync(path.join(build, 'tests/bench/fill'), [path.join(dir, 'store'), String(EVENTS)], { encoding: 'utf8' });
    assert.equal(filled.status, 0, filled.stderr);
    const server = await serve(dir);
    try {
      const operator = await login(server.base, 'operator', server.accounts.operator);
      const made = await operator.post('/api/v1/incidents', { type: 'fight', source: 'phone', chosen: { lat: 37.77, lon: -122.41 } });
      const stream = await operator.push().open();
      // The stream follows the commits by up to a tick.
      await until('the stream has the new row', 10, () => Number(stream.lastId.split('-')[1]) >= made.json.seq);
      const [realm, last] = stream.lastId.split('-').map(Number);
      stream.close();
      const from = async (seq) => {
        const again = await operator.push('/api/v1/push?positions=no&log=no', { 'Last-Event-ID': `${realm}-${seq}` }).open();
        again.close();
        return again;
      };
      await test('more than 10,000 events behind: resync, and the stream goes on from now', async () => {
        assert.ok(last > EVENTS);
        const late = await from(last - 10001);
        assert.equal(late.events[0]?.type, 'resync');
        assert.ok(Number(late.lastId.split('-')[1]) >= last, late.lastId);
      });
      await test('a little behind: the rows that were missed, and no resync', async () => {
        const soon = operator.push('/api/v1/push?positions=no&log=no', { 'Last-Event-ID': `${realm}-${made.json.seq - 1}` });
        await soon.find('the row', (e) => e.type === 'row' && e.data.id === made.json.id, 10);
        soon.close();
        assert.ok(soon.events.every((e) => e.type !== 'resync'));
      });
      await test('ahead of the server, of another realm, or no number: resync', async () => {
        for (const id of [`${realm}-${last + 100}`, `${realm + 1}-${last}`, 'x']) {
          const odd = await operator.push('/api/v1/push', { 'Last-Event-ID': id }).open();
          odd.close();
          assert.equal(odd.events[0]?.type, 'resync', id);
        }
      });
      await test('the ledger of cover is told, follows a status, and is left out where it is not wanted', async () => {
        const told = await operator.push('/api/v1/push?positions=no&log=no').open();
        const silent = await operator.push('/api/v1/push?positions=no&log=no&cover=no').open();
        const first = await told.find('a ledger', (e) => e.type === 'cover', 30);
        assert.deepEqual(first.data.limits_s, [60, 180, 300]);
        const units = (await operator.get('/api/v1/cover')).json.units;
        const unit = units.find((u) => u.is_idle).unit;
        const out = await operator.post(`/api/v1/units/${unit}/suspend`, { reason: 'meal' });
        await told.find('the next one', (e) => e.type === 'cover' && e.data.as_of >= out.json.seq, 10);
        await silent.find('the row', (e) => e.type === 'row' && e.data.id === unit, 10);
        told.close();
        silent.close();
        assert.ok(silent.events.every((e) => e.type !== 'cover'));
      });
    } finally { await server.stop(); }
  } finally { rmSync(dir, { recursive: true, force: true }); }
}

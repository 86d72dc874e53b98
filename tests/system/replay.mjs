// The recorded log through the interface: every call once, stamps in order or listed. Two hours of it;
// a whole day with ANWANG_LONG.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { login, program, startServer, test } from '../api/harness.mjs';
import { data, root } from './rig.mjs';

const LOG = path.join(data, 'incidents/sf_fire_cad_2020-04-07_20.csv.gz');
const HOURS = process.env.ANWANG_LONG ? 24 : 2; // the log begins at midnight

// Not spawnSync: the server's output must be read meanwhile.
function play(server, ...more) {
  return new Promise((done) => {
    const child = spawn(program, ['replay', LOG, '--dir', server.dir, '--to', server.base, '--speed', '600', '--hours', String(HOURS), ...more],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { text += bytes; });
    child.once('exit', (status) => done({ status, text }));
  });
}

export async function replay() {
  const server = await startServer();
  try {
    const operator = await login(server.base, 'operator', server.accounts.operator);
    await test(`${HOURS} h of the recorded log at 600x: every call once, stamps in order or listed`, async () => {
      const run = await play(server);
      assert.equal(run.status, 0, run.text);
      const [, played, once, missing, doubled] = /Check: (\d+) calls played, (\d+) found once, (\d+) missing, (\d+) more than once/.exec(run.text).map(Number);
      assert.ok(played >= 8 * HOURS, `${played} calls`);
      assert.deepEqual([once, missing, doubled], [played, 0, 0]);
      assert.match(run.text, /and 0 others; 0 not at the recorded/);
      assert.match(run.text, /recorded/i);
    });
    await test('the board lived: calls were dispatched to, reached and closed', async () => {
      const list = await operator.get('/api/v1/incidents?limit=100');
      const closed = list.json.items.filter((one) => one.closed_us);
      assert.ok(closed.length > 5, `${closed.length} closed`);
      assert.ok(closed.some((one) => one.dispatched_us && one.on_scene_us));
    });
  } finally { await server.stop(); }
}

import assert from 'node:assert/strict';
import { closeAgents, startServer, summary, test } from './harness.mjs';
import { malformed, malformedPortal } from './malformed.mjs';
import { conformance, lint } from './proxy.mjs';
import { portalWalk, walk } from './walk.mjs';

const server = await startServer();
try {
  for (const part of [walk, portalWalk, malformed, malformedPortal, lint, conformance])
    await part(server).catch((error) => test(part.name, () => { throw error; }));
} finally {
  closeAgents();
  await server.stop();
}
await test('no process of the server failed, or complained of its memory', () => {
  assert.doesNotMatch(server.log(), /monitor\.ended|Sanitizer|runtime error|Assertion/);
});
process.exitCode = summary();

import { closeAgents, summary, test } from '../api/harness.mjs';
import { commands } from './commands.mjs';
import { processes } from './processes.mjs';
import { push } from './push.mjs';
import { replay } from './replay.mjs';
import { roads } from './roads.mjs';
import { safety } from './safety.mjs';

const wanted = process.argv.slice(2);
for (const part of [commands, processes, push, replay, roads, safety]) {
  if (wanted.length && !wanted.includes(part.name)) continue;
  await part().catch((error) => test(part.name, () => { throw error; }));
}
closeAgents();
process.exitCode = summary();

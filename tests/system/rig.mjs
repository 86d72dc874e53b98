// Running the program's commands, and finding its processes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program } from '../api/harness.mjs';

export const root = path.resolve(import.meta.dirname, '../..');
export const data = path.join(root, 'data');

// A scratch folder for the run of `work`.
export async function withFolder(work) {
  const folder = mkdtempSync(path.join(tmpdir(), 'anwang-test-'));
  try { return await work(folder); } finally { rmSync(folder, { recursive: true, force: true }); }
}

// {status, text} of `anwang ARGUMENT...`.
export function anwang(...words) {
  const run = spawnSync(program, words, { encoding: 'utf8', cwd: root, timeout: 600_000 });
  return { status: run.status, text: run.stdout + run.stderr };
}

export const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

// Process ids of a running server by name; the monitor's own is its child's.
export function processesOf(monitor) {
  const found = {};
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) !== monitor || state === 'Z') continue;
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      found[words[0] === 'anwang-media' ? 'media' : words[2]] = Number(pid);
    } catch { /* it ended meanwhile */ }
  }
  return found;
}

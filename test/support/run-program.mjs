import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Programs under way: each is the head of a process group of its own. */
const running = new Set();
const killGroup = (pid) => {
  try {
    // the whole group: a test runner's workers, and what they started
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it ended by itself in this moment
  }
};
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => {
    for (const pid of running) killGroup(pid);
    process.exit(code);
  });
}

/** Runs a program of this project; never throws. `onLine` sees lines as they come. */
export const runProgram = (argv, { env = {}, onLine, limitMs = 600_000 } = {}) =>
  new Promise((resolve) => {
    const [program, ...args] = argv;
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      detached: true,
    });
    let stdout = '';
    let output = '';
    let rest = '';
    const limit = setTimeout(() => {
      output += `\n${argv.join(' ')} still ran after ${limitMs / 1_000} s and was ended\n`;
      killGroup(child.pid);
    }, limitMs);
    if (child.pid !== undefined) running.add(child.pid);
    const take = (chunk) => {
      output += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => {
      clearTimeout(limit);
      resolve({ ok: false, stdout, output: `${program}: ${error.message}` });
    });
    child.on('close', (code) => {
      clearTimeout(limit);
      running.delete(child.pid);
      resolve({ ok: code === 0, stdout, output });
    });
  });

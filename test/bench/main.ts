import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type App, startApp } from '../../src/app.js';
import { dockerEndpoint } from '../../src/backends/docker/endpoint.js';
import { readConfig } from '../../src/config.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { ensureEngine } from '../../src/setup/ensure-engine.js';
import { ensureBusyboxImage } from '../../src/setup/ensure-image.js';
import { progressOf } from '../../src/setup/progress.js';
import { silentLogger } from '../support/silent-logger.js';
import { benchDirectory, POOL, startBenchOperator, waitUntil } from './bench-operator.js';
import { judge, type Summaries, type Totals } from './figures.js';
import { hostCases } from './host-cases.js';
import { operatorHttp } from './operator-http.js';
import { cpuMs, memoryMb } from './process-figures.js';
import { runCases } from './run-cases.js';
import { showAims, showSummaries, showTotals } from './show.js';
import { summarize } from './statistics.js';
import { httpCases, inProcessCases, measureThroughput } from './warmpool-cases.js';

/** 20 calls a round: 240 samples of everything cheap. */
const DEFAULT_ROUNDS = 12;
/** Warm sandboxes while calls are measured: enough for throughput, few enough to keep clean. */
const REPLICAS = 8;
/** Execs that end, and containers that go, keep the engine busy for a while after whoever asked has gone on. */
const REST_MS = 500;
const FULL_POOL = 20;
const THROUGHPUT_MS = 5_000;
/** Clock ticks are 10 ms: over 20 s, 0.05 % of a core shows. */
const IDLE_MS = 20_000;
const GIGABYTE = 1_073_741_824;

const progress = progressOf('bench');

/** Ctrl-C ends the measuring, not the process: what was started has to be removed first. */
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error('interrupted')));
}

const orThrow = async <A>(task: TaskEither<{ readonly message: string }, A>): Promise<A> => {
  const result = await task();
  if (E.isLeft(result)) throw new Error(result.left.message);
  return result.right;
};

interface Ground {
  readonly dockerHost: string;
  readonly image: string;
}

const prepare = async (): Promise<Ground> => {
  const config = readConfig();
  if (E.isLeft(config)) throw new Error(config.left.message);
  const { docker, setup } = config.right;
  const directory = setup.engineDirectory === undefined ? {} : { directory: setup.engineDirectory };
  const engine = await orThrow(
    ensureEngine({ docker, ...directory, progress: progressOf('engine') }),
  );
  const image = await orThrow(
    ensureBusyboxImage({ engine, force: false, progress: progressOf('image') }),
  );
  return { dockerHost: engine.host, image };
};

const endpointOf = (dockerHost: string) => {
  const endpoint = dockerEndpoint({ DOCKER_HOST: dockerHost });
  if (E.isLeft(endpoint)) throw new Error(endpoint.left.message);
  return endpoint.right;
};

/** The operator inside this process. */
const startInProcess = async (
  ground: Ground,
): Promise<{ readonly app: App; readonly stop: () => Promise<void> }> => {
  const directory = benchDirectory(ground.image, REPLICAS);
  const app = await startApp({
    manifests: [directory.manifest],
    stateDirectory: directory.state,
    listen: { host: '127.0.0.1', port: 0 },
    docker: endpointOf(ground.dockerHost),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    version: 'bench',
  })();
  if (E.isLeft(app)) throw new Error(JSON.stringify(app.left));
  return {
    app: app.right,
    stop: async () => {
      const stopped = await app.right.stop({ graceMs: 1_000, cleanup: true });
      if (E.isLeft(stopped)) throw new Error(stopped.left.message);
      directory.remove();
    },
  };
};

const dockerClient = (dockerHost: string): Docker => {
  const endpoint = endpointOf(dockerHost);
  return endpoint.kind === 'unix'
    ? new Docker({ socketPath: endpoint.socketPath })
    : new Docker({ host: endpoint.host, port: endpoint.port });
};

const measureCalls = async (
  ground: Ground,
  rounds: number,
): Promise<{ readonly summaries: Summaries; readonly throughput: number }> => {
  progress(`two operators with ${REPLICAS} sandboxes each: one a process, one inside this one`);
  const operator = await startBenchOperator({ ...ground, replicas: REPLICAS });
  const inside = await startInProcess(ground);
  const http = operatorHttp({ url: operator.url, pool: POOL, connections: 1 });
  const insideHttp = operatorHttp({ url: inside.app.url, pool: POOL, connections: 1 });
  const many = operatorHttp({ url: operator.url, pool: POOL, connections: 16 });
  try {
    for (const each of [http, insideHttp]) {
      await waitUntil('warm sandboxes', async () => (await each.readyReplicas()) >= REPLICAS);
    }
    const docker = dockerClient(ground.dockerHost);
    progress('running in');
    const samples = await runCases({
      cases: [
        ...hostCases({ docker, image: ground.image, containerId: await http.someSandbox() }),
        ...inProcessCases(inside.app, insideHttp, REPLICAS),
        ...httpCases(http, REPLICAS),
      ],
      rounds,
      restMs: REST_MS,
      onRound: (round) => progress(`round ${round} of ${rounds}`),
      signal: interrupted.signal,
    });
    progress('throughput');
    const throughput = await measureThroughput(many, {
      callers: 16,
      sandboxes: 8,
      ms: THROUGHPUT_MS,
    });
    const summaries = Object.fromEntries([...samples].map(([name, row]) => [name, summarize(row)]));
    return { summaries, throughput };
  } finally {
    await Promise.all([http, insideHttp, many].map((each) => each.close()));
    await inside.stop();
    await operator.stop();
  }
};

/** The operator's memory while it passes 1 GB on, and after. */
const measureOutput = async (
  pid: number,
  run: () => Promise<unknown>,
): Promise<Pick<Totals, 'outputGrowthMb' | 'outputPeakGrowthMb'>> => {
  const before = memoryMb(pid);
  let peak = before;
  const looking = setInterval(() => {
    peak = Math.max(peak, memoryMb(pid));
  }, 50);
  await run();
  clearInterval(looking);
  await sleep(3_000);
  return { outputGrowthMb: memoryMb(pid) - before, outputPeakGrowthMb: peak - before };
};

const measureFullPool = async (ground: Ground): Promise<Omit<Totals, 'throughput'>> => {
  progress(`${FULL_POOL} sandboxes from empty`);
  const start = performance.now();
  const operator = await startBenchOperator({ ...ground, replicas: FULL_POOL });
  const http = operatorHttp({ url: operator.url, pool: POOL, connections: 1 });
  try {
    await waitUntil('a full pool', async () => (await http.readyReplicas()) >= FULL_POOL);
    const fillMs = performance.now() - start;
    const { pid } = operator.process;
    progress(`idle for ${IDLE_MS / 1_000} s`);
    await sleep(2_000, undefined, interrupted);
    const cpuBefore = cpuMs(pid);
    await sleep(IDLE_MS, undefined, interrupted);
    const idleCpuPercent = ((cpuMs(pid) - cpuBefore) / IDLE_MS) * 100;
    const idleMemoryMb = memoryMb(pid);
    progress('1 GB of output');
    const command = `head -c ${GIGABYTE} /dev/zero`;
    const output = await measureOutput(pid, () =>
      http.execute('loud', { command, encoding: 'base64', timeoutSeconds: 300 }),
    );
    return { fillMs, idleMemoryMb, idleCpuPercent, ...output };
  } finally {
    await http.close();
    await operator.stop();
  }
};

const roundsWanted = (text: string | undefined): number => {
  const rounds = Number(text ?? DEFAULT_ROUNDS);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error(`BENCH_ROUNDS: must be a whole number from 1, not "${text}"`);
};

const main = async (): Promise<void> => {
  const rounds = roundsWanted(process.env.BENCH_ROUNDS);
  const ground = await prepare();
  const { summaries, throughput } = await measureCalls(ground, rounds);
  const totals: Totals = { throughput, ...(await measureFullPool(ground)) };
  const aims = judge(summaries, totals);
  process.stdout.write(
    `\n${showSummaries(summaries)}\n\n${showTotals(totals)}\n\n${showAims(aims)}\n`,
  );
  const file = process.env.BENCH_JSON;
  if (file === undefined || file === '') return;
  writeFileSync(file, `${JSON.stringify({ summaries, totals, aims }, undefined, 2)}\n`);
};

await main();

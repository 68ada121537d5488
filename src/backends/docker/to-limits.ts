import type { HostConfig } from 'dockerode';
import type { FieldPath } from '../../api/field-problem.js';
import type { Container } from '../../api/pod-template.js';
import { parseQuantity } from './quantity.js';
import { type Refuse, refuseOthers } from './refuse.js';

/** Enough for an interpreter and its tools, and small enough that a dozen fit on a laptop. */
const DEFAULT_MEMORY = 512 * 2 ** 20;
const DEFAULT_CPUS = 1;
/** The engine itself refuses less. */
const LEAST_MEMORY = 6 * 2 ** 20;
/** The kernel takes no quota under 1 ms of a period of 100 ms. */
const LEAST_CPUS = 0.01;
const CPU_PERIOD_US = 100_000;
/** One core, in the unit of cgroup weights; the kernel's least is 2. */
const SHARES_PER_CPU = 1024;
const LEAST_SHARES = 2;

interface Amounts {
  readonly cpu?: number;
  readonly memory?: number;
}

const amounts = (
  given: Readonly<Record<string, number | string>> | undefined,
  path: FieldPath,
  refuse: Refuse,
): Amounts => {
  refuseOthers(given ?? {}, { mapped: ['cpu', 'memory'] }, path, refuse);
  const read = (name: 'cpu' | 'memory', least: number): number | undefined => {
    const written = given?.[name];
    if (written === undefined) return undefined;
    const value = parseQuantity(written);
    if (value === undefined) refuse([...path, name], `is no amount that Docker can count`);
    else if (value < least) refuse([...path, name], `must be at least ${least} on Docker`);
    return value;
  };
  const cpu = read('cpu', LEAST_CPUS);
  const memory = read('memory', LEAST_MEMORY);
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory: Math.ceil(memory) }),
  };
};

/**
 * Limits are hard; requests become what Docker has for them: a memory reservation and cpu shares.
 * Without a limit of its own a sandbox gets 512 MiB and one cpu, or its request if that is more.
 */
export const toLimits = (container: Container, path: FieldPath, refuse: Refuse): HostConfig => {
  const resources = container.resources ?? {};
  const at = [...path, 'resources'];
  refuseOthers(resources, { mapped: ['limits', 'requests'] }, at, refuse);
  const limits = amounts(resources.limits, [...at, 'limits'], refuse);
  const requests = amounts(resources.requests, [...at, 'requests'], refuse);
  for (const name of ['cpu', 'memory'] as const) {
    const [limit, request] = [limits[name], requests[name]];
    if (limit !== undefined && request !== undefined && request > limit) {
      refuse([...at, 'requests', name], 'must not exceed its limit');
    }
  }
  const memory = limits.memory ?? Math.max(DEFAULT_MEMORY, requests.memory ?? 0);
  const cpus = limits.cpu ?? Math.max(DEFAULT_CPUS, requests.cpu ?? 0);
  return {
    Memory: memory,
    // The same figure again means no swap: Docker would otherwise allow as much swap as memory.
    MemorySwap: memory,
    // Not NanoCpus: the engine refuses one above its own number of cores, a quota just has no effect there.
    CpuPeriod: CPU_PERIOD_US,
    CpuQuota: Math.round(cpus * CPU_PERIOD_US),
    ...(requests.memory === undefined ? {} : { MemoryReservation: requests.memory }),
    ...(requests.cpu === undefined
      ? {}
      : { CpuShares: Math.max(LEAST_SHARES, Math.round(requests.cpu * SHARES_PER_CPU)) }),
  };
};

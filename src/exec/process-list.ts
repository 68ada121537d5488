/** One process as the sandbox itself sees it. */
export interface ListedProcess {
  readonly pid: number;
  /** 0 for PID 1 and for what the engine started from outside. */
  readonly parent: number;
  /** Clock ticks since the machine started. */
  readonly startedAt: number;
  /** Over, but not collected by its parent yet. */
  readonly dead: boolean;
}

export interface ProcessList {
  /** The shell that made the list. */
  readonly self: number;
  /** Name of PID 1's program. */
  readonly first: string;
  readonly processes: readonly ListedProcess[];
}

/**
 * Lists all processes of the sandbox with builtins alone, to be run by a shell itself (`direct`). What
 * stands before the last `)` of /proc/N/stat is the program's name, which may hold anything but that.
 */
export const LIST_SCRIPT = [
  'wk_s=; read -r wk_s </proc/1/comm; printf "%s %s\\n" $$ "$wk_s";',
  'for wk_p in /proc/[0-9]*; do wk_s=;',
  'read -r wk_s 2>/dev/null <$wk_p/stat || continue;',
  'printf "%s %s\\n" "${wk_p#/proc/}" "${wk_s##*") "}"; done;',
  'unset wk_p wk_s',
].join(' ');

/** Fields of /proc/N/stat after the name: state, parent, and 18 further on the start. */
const PROCESS = /^(\d+) ([A-Za-z]) (\d+) (?:-?\d+ ){17}(\d+) /u;

const parseProcess = (line: string): ListedProcess | undefined => {
  const [, pid, state, parent, startedAt] = PROCESS.exec(line) ?? [];
  if (pid === undefined || state === undefined) return undefined;
  return {
    pid: Number(pid),
    parent: Number(parent),
    startedAt: Number(startedAt),
    dead: /^[ZXx]$/u.test(state),
  };
};

/** Undefined if a line makes no sense, as when a program's name holds a line break. */
export const parseProcessList = (printed: string): ProcessList | undefined => {
  const [head = '', ...lines] = printed.trimEnd().split('\n');
  const [, self, first] = /^(\d+) (.*)$/u.exec(head) ?? [];
  const processes = lines.map(parseProcess).filter((parsed) => parsed !== undefined);
  if (self === undefined || first === undefined || processes.length < lines.length)
    return undefined;
  return { self: Number(self), first, processes };
};

/** Inits that engines put in front of a sandbox's own command, to collect zombies. */
const INITS: readonly string[] = ['docker-init', 'tini', 'tini-static', 'catatonit', 'dumb-init'];

/** These and all that descends from them. */
const withDescendants = (
  processes: readonly ListedProcess[],
  ancestors: readonly number[],
): Set<number> => {
  const found = new Set(ancestors);
  // a child may be listed before its parent: again until nothing new turns up
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
  }
  return found;
};

/**
 * Processes that are the sandbox itself: PID 1 and, where that is an init that an engine put there, the
 * command for which it stands, which is its first child and with which it would end. What that command
 * started is its own too: nothing of a thread ever gets under it, for orphans go to PID 1.
 */
export const ownProcesses = ({ first, processes }: ProcessList): ReadonlySet<number> => {
  const [oldest] = processes
    .filter(({ parent, dead }) => parent === 1 && !dead)
    .toSorted((a, b) => a.startedAt - b.startedAt || a.pid - b.pid);
  const command = oldest !== undefined && INITS.includes(first) ? [oldest.pid] : [];
  return withDescendants(processes, command).add(1);
};

/** Living processes that are neither the sandbox's own nor the shell that looks. */
export const strangers = (list: ProcessList): readonly number[] => {
  const own = ownProcesses(list);
  return list.processes
    .filter(({ pid, dead }) => !dead && pid !== list.self && !own.has(pid))
    .map(({ pid }) => pid);
};

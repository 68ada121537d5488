import { spawn } from 'node:child_process';
import Docker from 'dockerode';
import { FIGURES } from './figures.js';
import { type BenchCase, oneCall, RUN_IN } from './run-cases.js';

/** `sh -c true` on the host, from Node: what running a command costs without any sandbox. */
const spawnTrue = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', 'true'], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`sh ended with status ${code}`)),
    );
  });

const containerPerCommand = async (docker: Docker, image: string): Promise<void> => {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
  await container.wait();
  await container.remove();
};

/** Create, start, read to the end, inspect: what an exec needs to know its exit code. */
const engineExec = async (container: Docker.Container): Promise<void> => {
  const exec = await container.exec({ Cmd: ['true'], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  await new Promise<void>((resolve, reject) => {
    stream.on('end', resolve).on('error', reject).resume();
  });
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`true ended with status ${ExitCode}`);
};

/** What people do without this program. `containerId` is a running container for the exec. */
export const hostCases = (options: {
  readonly docker: Docker;
  readonly image: string;
  readonly containerId: string;
}): readonly BenchCase[] => {
  const container = options.docker.getContainer(options.containerId);
  return [
    oneCall({
      name: FIGURES.container,
      row: 2,
      warmUp: false,
      call: () => containerPerCommand(options.docker, options.image),
    }),
    oneCall({
      name: FIGURES.engineExec,
      row: 4,
      warmUp: true,
      call: () => engineExec(container),
    }),
    oneCall({ name: FIGURES.spawn, row: 20, warmUp: true, runIn: RUN_IN, call: spawnTrue }),
  ];
};

import * as E from 'fp-ts/lib/Either.js';
import { askEngine, engineAddress } from '../../dist/setup/engine-http.js';

/** Tests name their installations so. */
const INSTALLATION_LABEL = 'warmpool.dev/installation';
const TEST_PREFIX = 'test-';
/** No run of the tests takes so long: a container of that age belongs to one that died. */
const ABANDONED_AFTER_MS = 30 * 60_000;

const ask = async (engine, method, path) => {
  const call = { method, path, signal: AbortSignal.timeout(30_000) };
  const answer = await askEngine(engine, call)();
  return E.isRight(answer) ? answer.right : undefined;
};

const isLeftover = (container, since) => {
  const installation = container.Labels?.[INSTALLATION_LABEL] ?? '';
  const createdAt = container.Created * 1_000;
  const ours = createdAt >= since - 1_000 || createdAt < Date.now() - ABANDONED_AFTER_MS;
  return installation.startsWith(TEST_PREFIX) && ours;
};

/** Removes containers that tests of this run, or of one long dead, left behind; gives their number. */
export const removeLeftovers = async (dockerHost, since) => {
  const address = engineAddress({ DOCKER_HOST: dockerHost });
  if (E.isLeft(address)) return 0;
  const filters = encodeURIComponent(JSON.stringify({ label: [INSTALLATION_LABEL] }));
  const answer = await ask(address.right, 'GET', `/containers/json?all=1&filters=${filters}`);
  if (answer?.status !== 200) return 0;
  const containers = JSON.parse(answer.body.toString());
  const leftovers = containers.filter((container) => isLeftover(container, since));
  for (const { Id } of leftovers) {
    await ask(address.right, 'DELETE', `/containers/${Id}?force=1&v=1`);
  }
  return leftovers.length;
};

import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createEngine } from '../../../../src/backends/docker/engine.js';
import { createImages } from '../../../../src/backends/docker/images.js';
import { systemClock } from '../../../../src/runtime/system-clock.js';
import { manualClock, settle } from '../../../support/manual-clock.js';
import { stubEngine } from './stub-engine.js';

const nothing = (): void => undefined;

/** An engine without images until one is pulled; the test writes the answers to pulls. */
const engineWithPulls = async (onPull: (response: ServerResponse, pulled: () => void) => void) => {
  let here = false;
  let pulls = 0;
  const stub = await stubEngine((request, response) => {
    if (request.method === 'POST') {
      pulls += 1;
      response.writeHead(200);
      return onPull(response, () => {
        here = true;
      });
    }
    response.writeHead(here ? 200 : 404, { 'content-type': 'application/json' });
    return response.end(here ? '{"Config": {"User": "1000"}}' : '{"message": "no such image"}');
  });
  return { ...stub, pulls: () => pulls };
};

describe('images', () => {
  let close: (() => Promise<void>) | undefined;
  afterEach(() => close?.());

  const open = async (
    onPull: (response: ServerResponse, pulled: () => void) => void,
    clock = manualClock(),
  ) => {
    const stub = await engineWithPulls(onPull);
    close = stub.close;
    // requests answer in real time, the watch over a pull runs on the clock of the test
    const engine = createEngine({ endpoint: stub.endpoint, clock: systemClock });
    return { images: createImages(engine, clock), pulls: stub.pulls, clock };
  };

  it('pulls once for all who want the same image, and tells each of them how far it is', async () => {
    const { images, pulls } = await open((response, pulled) => {
      const detail = { current: 12e6, total: 48e6 };
      const line = { id: 'a', status: 'Downloading', progressDetail: detail };
      // split within a line
      response.write(`${JSON.stringify(line)}\n{"stat`);
      pulled();
      response.end('us":"Status: Downloaded newer image"}\n');
    });
    const said: string[][] = [[], []];
    const wanted = said.map((heard) =>
      images.ensure('a:1', 'IfNotPresent', (message) => void heard.push(message))(),
    );
    for (const result of await Promise.all(wanted)) {
      expect(result).toMatchObject({ right: { user: '1000' } });
    }
    expect(pulls()).toBe(1);
    for (const heard of said) expect(heard).toContain('pulling a:1: 12 of 48 MB');
    await images.ensure('a:1', 'IfNotPresent', nothing)();
    expect(pulls()).toBe(1);
    await images.ensure('a:1', 'Always', nothing)();
    expect(pulls()).toBe(2);
  });

  it('never pulls against the policy', async () => {
    const { images, pulls } = await open((response) => response.end());
    expect(await images.ensure('a:1', 'Never', nothing)()).toMatchObject({
      left: { type: 'ImageMissing', image: 'a:1', message: expect.stringMatching(/is Never/) },
    });
    expect(pulls()).toBe(0);
  });

  it('says why a pull failed, and tries again when asked again', async () => {
    const { images, pulls } = await open((response) => {
      response.end('{"errorDetail":{},"error":"manifest unknown"}\n');
    });
    const wanted = images.ensure('a:1', 'IfNotPresent', nothing);
    expect(await wanted()).toMatchObject({
      left: {
        type: 'ImageMissing',
        message: expect.stringMatching(/^cannot pull a:1: manifest unknown/),
      },
    });
    await wanted();
    expect(pulls()).toBe(2);
  });

  it('takes a pull that broke off for an engine that went away', async () => {
    const { images } = await open((response) => {
      response.write('{"status":"Pulling"}\n', () => response.socket?.destroy());
    });
    expect(await images.ensure('a:1', 'IfNotPresent', nothing)()).toMatchObject({
      left: { type: 'BackendUnavailable' },
    });
  });

  it('gives up on a pull that brings nothing any more', async () => {
    const { images, clock } = await open((response) => {
      response.write('{"status":"Pulling from nowhere"}\n');
    });
    let heard: () => void = nothing;
    const underWay = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const result = images.ensure('a:1', 'IfNotPresent', (message) => {
      if (message.includes('nowhere')) heard();
    })();
    await underWay;
    await settle();
    await clock.advance(120_000);
    expect(await result).toMatchObject({
      left: { type: 'ImageMissing', message: expect.stringMatching(/nothing came for 120 s/) },
    });
  });
});

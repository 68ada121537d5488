import { describe, expect, it } from '@jest/globals';
import { createLogger, type LoggerOptions } from '../../../src/telemetry/create-logger.js';

const logTo = (options: Partial<LoggerOptions> & { readonly isTTY?: boolean } = {}) => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    colours: false,
    ...options,
    destination: {
      write: (line: string) => void lines.push(line),
      ...(options.isTTY === undefined ? {} : { isTTY: options.isTTY }),
    },
  });
  return { logger, lines };
};

describe('createLogger', () => {
  it('writes one JSON object a line, with level and time as text, where nobody is looking', () => {
    const { logger, lines } = logTo();
    logger.info({ pool: 'default/python' }, 'pool ready');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      pool: 'default/python',
      msg: 'pool ready',
    });
  });

  it('writes readable lines on a terminal, unless JSON is asked for', () => {
    const person = logTo({ isTTY: true });
    person.logger.warn({ pool: 'default/python' }, 'image missing');
    expect(person.lines[0]).toMatch(/^[\d:.]{12} WARN {2}image missing {2}pool=default\/python\n$/);
    const machine = logTo({ isTTY: true, format: 'json' });
    machine.logger.warn({}, 'image missing');
    expect(machine.lines[0]).toMatch(/^\{/);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = logTo({ level: 'warn' });
    logger.debug({}, 'one');
    logger.info({}, 'two');
    logger.error({}, 'three');
    expect(lines).toHaveLength(1);
  });

  it('never writes a secret, however it comes along', () => {
    const { logger, lines } = logTo();
    logger.info({ token: 'hush-1', request: { headers: { authorization: 'Bearer hush-2' } } }, 'a');
    logger.child({ password: 'hush-3' }).info({ user: { secret: 'hush-4' } }, 'b');
    expect(lines.join('')).not.toMatch(/hush/);
    expect(lines.join('')).toMatch(/\[redacted\]/);
  });

  it('passes the fields of a child on to its own children', () => {
    const { logger, lines } = logTo();
    logger.child({ pool: 'a/b' }).child({ sandbox: 'b-1' }).info({ epoch: 3 }, 'leased');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ pool: 'a/b', sandbox: 'b-1', epoch: 3 });
  });

  it('shows an Error with its stack and a known failure with its cause', () => {
    const { logger, lines } = logTo();
    logger.error({ error: new Error('broken') }, 'defect');
    logger.warn(
      { error: { type: 'StoreFailed', message: 'disk full', cause: new Error('ENOSPC') } },
      'refused',
    );
    expect(JSON.parse(lines[0] ?? '').error).toMatchObject({
      message: 'broken',
      stack: expect.stringContaining('create-logger.test'),
    });
    expect(JSON.parse(lines[1] ?? '').error).toEqual({
      type: 'StoreFailed',
      message: 'disk full',
      cause: { type: 'Error', message: 'ENOSPC' },
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { isLoopback, parseListenAddress } from '../../../src/cli/listen-address.js';

describe('listen address', () => {
  it.each([
    ['127.0.0.1:7070', { host: '127.0.0.1', port: 7070 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    [':8080', { host: '0.0.0.0', port: 8080 }],
    ['9000', { host: '127.0.0.1', port: 9000 }],
    ['[::1]:7070', { host: '::1', port: 7070 }],
    ['unix:/run/warmpool.sock', { path: '/run/warmpool.sock' }],
    ['unix:///run/warmpool.sock', { path: '/run/warmpool.sock' }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(E.right(address));
  });

  it.each(['', 'nowhere', '1.2.3.4:', '1.2.3.4:99999', '::1:80', 'unix:relative', 'http://a:1'])(
    'refuses %p and says what it should look like',
    (text) => {
      const read = parseListenAddress(text);
      expect(E.isLeft(read) && read.left).toContain(text);
    },
  );

  it.each([
    ['127.0.0.1:1', true],
    ['127.9.8.7:1', true],
    ['localhost:1', true],
    ['[::1]:1', true],
    ['unix:/a', true],
    ['0.0.0.0:1', false],
    [':1', false],
    ['10.0.0.1:1', false],
    ['127.evil.example:1', false],
  ])('knows whether only this machine reaches %s', (text, loopback) => {
    const read = parseListenAddress(text);
    expect(E.isRight(read) && isLoopback(read.right)).toBe(loopback);
  });
});

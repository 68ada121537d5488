import { describe, expect, it } from '@jest/globals';
import { isImageReference, pullPolicy } from '../../../../src/backends/docker/image-reference.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('isImageReference', () => {
  it.each([
    'busybox',
    'python:3.13-alpine',
    'r.example:5000/a/b_c:v1',
    `busybox@${DIGEST}`,
    `a:1@${DIGEST}`,
  ])('takes %s', (image) => expect(isImageReference(image)).toBe(true));

  it.each(['../containers/x', 'a/../b', 'a?b=c', 'a#b', '/a', 'a:b:c', 'a@latest', 'ä', 'a//b'])(
    'refuses %s, which could change a request',
    (image) => expect(isImageReference(image)).toBe(false),
  );
});

describe('pullPolicy', () => {
  it.each([
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['r.example:5000/busybox', 'Always'],
    ['busybox:1', 'IfNotPresent'],
    [`busybox@${DIGEST}`, 'IfNotPresent'],
  ])('of %s is %s by default', (image, policy) => {
    expect(pullPolicy(image, undefined)).toBe(policy);
    expect(pullPolicy(image, 'Never')).toBe('Never');
  });
});

import { describe, expect, it } from '@jest/globals';
import { sandboxName } from '../../../../src/core/pool/sandbox-name.js';

const of = (installation: string, namespace: string, name: string) =>
  sandboxName({ installation, pool: { namespace, name }, suffix: '00c0ffee' });

describe('the name of a sandbox', () => {
  it('starts with the pool and is always the same', () => {
    expect(of('i', 'default', 'python')).toMatch(/^python-[0-9a-f]{8}-00c0ffee$/);
    expect(of('i', 'default', 'python')).toBe(of('i', 'default', 'python'));
  });

  it('differs between installations, namespaces and pools', () => {
    const names = [of('i', 'a', 'p'), of('j', 'a', 'p'), of('i', 'b', 'p'), of('i', 'a', 'q')];
    expect(new Set(names).size).toBe(4);
    const long = 'x'.repeat(62);
    expect(of('i', 'a', `${long}1`)).not.toBe(of('i', 'a', `${long}2`));
  });

  it.each(['a', 'x'.repeat(63), `${'x'.repeat(44)}-y`, 'Ä.b_c', '---', '9'])(
    'is a DNS label for the pool %s',
    (name) => {
      expect(of('i', 'default', name)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    },
  );
});

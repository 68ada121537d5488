import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { threadDirectory } from '../../../../src/core/lease/thread-directory.js';

describe('threadDirectory', () => {
  it('is readable and lies right below the working directory', () => {
    expect(threadDirectory('/workspace', 'acme', 'Chat 42')).toMatch(
      /^\/workspace\/chat-42-[0-9a-f]{16}$/u,
    );
  });

  it('is the same every time', () => {
    expect(threadDirectory('/w', 'a', 'b')).toBe(threadDirectory('/w', 'a', 'b'));
  });

  it('keeps slashes at the end of the working directory out of the name', () => {
    expect(threadDirectory('/w//', 'a', 'b')).toBe(threadDirectory('/w', 'a', 'b'));
    expect(threadDirectory('/', 'a', 'b')).toMatch(/^\/b-[0-9a-f]{16}$/u);
  });

  it('names a thread without any plain letter by its hash alone', () => {
    expect(threadDirectory('/w', 'a', '日本')).toMatch(/^\/w\/[0-9a-f]{16}$/u);
  });

  it('never leaves the working directory, whatever the thread is called', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '.', '/etc/passwd', '../../x', '-rf', '', 'a\u0000b', '\n', '\ud800'),
    );
    fc.assert(
      fc.property(nasty, nasty, (tenant, thread) => {
        const directory = threadDirectory('/workspace', tenant, thread);
        expect(directory).toMatch(/^\/workspace\/([a-z0-9]([a-z0-9-]{0,31})-)?[0-9a-f]{16}$/u);
      }),
    );
  });

  it('never gives two threads one directory, on file systems that ignore case too', () => {
    const names = ['a', 'A', 'a ', 'a-', 'ä', '', 'a\ud800', 'a\ud801', 'x'.repeat(100)];
    const directories = names.flatMap((tenant) =>
      names.map((thread) => threadDirectory('/w', tenant, thread).toLowerCase()),
    );
    expect(new Set(directories).size).toBe(names.length ** 2);
  });
});

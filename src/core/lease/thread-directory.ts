import { hash as digest } from 'node:crypto';

/** Enough to recognise a thread by, short enough for any file system together with the hash. */
const LONGEST_SLUG = 32;
/** 64 bits: a collision among a billion threads of one sandbox is out of the question. */
const HASH_DIGITS = 16;

const slug = (thread: string): string =>
  thread
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '-')
    .slice(0, LONGEST_SLUG)
    .replace(/^-+|-+$/gu, '');

// JSON keeps the two apart, and escapes lone surrogates that UTF-8 would merge into one character
const hash = (tenant: string, thread: string): string =>
  digest('sha256', JSON.stringify([tenant, thread]), 'hex').slice(0, HASH_DIGITS);

/**
 * Where a thread's files are: a directory right below `workingDirectory` (absolute), readable and
 * never the same for two threads, on file systems that ignore case too. Any text is a legal thread:
 * `/workspace`, `acme`, `../Chat 42` gives `/workspace/chat-42-5d3c…`.
 */
export const threadDirectory = (
  workingDirectory: string,
  tenant: string,
  thread: string,
): string => {
  const parent = workingDirectory.replace(/\/+$/u, '');
  const name = [slug(thread), hash(tenant, thread)].filter((part) => part !== '').join('-');
  return `${parent}/${name}`;
};

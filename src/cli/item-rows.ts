import type { Lease, SandboxItem, TimelineItem } from '../client/replies.js';
import { duration } from './duration.js';
import type { Printable } from './output.js';
import { type Cell, type Colour, cell } from './table.js';

const PHASE_COLOURS: Readonly<Record<string, Colour>> = {
  Ready: 'green',
  Leased: 'cyan',
  Failed: 'red',
  Quarantined: 'red',
};

const phaseCell = (phase: string): Cell => ({
  text: phase,
  colour: PHASE_COLOURS[phase] ?? 'yellow',
});

const since = (now: number, iso: string): Cell => cell(duration(now - Date.parse(iso)));
const until = (now: number, iso: string): Cell => cell(duration(Date.parse(iso) - now));

/** Sandboxes, one a row; ages are as of `now`. */
export const sandboxRows = (items: readonly SandboxItem[], now: number): Printable => ({
  value: { items },
  headings: ['NAMESPACE', 'POOL', 'NAME', 'PHASE', 'LEASES', 'AGE', 'THREAD'],
  rows: items.map((item) => [
    cell(item.namespace),
    cell(item.pool),
    cell(item.name),
    phaseCell(item.phase),
    cell(item.leases),
    since(now, item.createdAt),
    cell(item.thread),
  ]),
  wide: {
    headings: ['UID', 'TEMPLATE', 'REASON'],
    rows: items.map((item) => [
      cell(item.uid?.slice(0, 12)),
      cell(item.templateHash),
      cell(item.reason),
    ]),
  },
  names: items.map((item) => item.name),
});

/** Leases, one a row; times are as of `now`. */
export const leaseRows = (items: readonly Lease[], now: number, value: unknown): Printable => ({
  value,
  headings: ['NAMESPACE', 'POOL', 'THREAD', 'SANDBOX', 'EPOCH', 'AGE', 'IDLE', 'EXPIRES'],
  rows: items.map((lease) => [
    cell(lease.namespace),
    cell(lease.pool),
    cell(lease.thread),
    cell(lease.sandbox),
    cell(lease.epoch),
    since(now, lease.acquiredAt),
    since(now, lease.lastActiveAt),
    until(now, lease.expiresAt),
  ]),
  wide: {
    headings: ['TENANT', 'LABELS'],
    rows: items.map((lease) => [
      cell(lease.tenant),
      cell(
        Object.entries(lease.labels)
          .map(([name, content]) => `${name}=${content}`)
          .join(',') || undefined,
      ),
    ]),
  },
  names: items.map((lease) => lease.thread),
});

/** What happened to a sandbox, one event a row. */
export const timelineRows = (items: readonly TimelineItem[], now: number): Printable => ({
  value: { items },
  headings: ['AT', 'AGO', 'PHASE', 'DETAIL'],
  rows: items.map((item) => [
    cell(item.at),
    since(now, item.at),
    phaseCell(item.phase),
    cell(item.detail ?? ''),
  ]),
  names: items.map((item) => item.phase),
});

import { describe, expect, it } from '@jest/globals';
import type { Phase } from '../../../src/core/pool/sandbox.js';
import { createPromMetrics } from '../../../src/telemetry/prom-metrics.js';

const pool = { namespace: 'default', name: 'python' };
const other = { namespace: 'default', name: 'node' };
const sizes: Readonly<Record<Phase, number>> = {
  Creating: 1,
  Ready: 5,
  Leased: 2,
  Resetting: 0,
  Terminating: 0,
  Failed: 0,
  Quarantined: 0,
};

describe('createPromMetrics', () => {
  it('shows the size of a pool by phase and the size it should have', async () => {
    const { metrics, text } = createPromMetrics({ version: '1.2.3' });
    metrics.poolSizes(pool, sizes, 5);
    const shown = await text();
    expect(shown).toContain(
      'warmpool_sandboxes{namespace="default",pool="python",phase="Ready"} 5',
    );
    expect(shown).toContain(
      'warmpool_sandboxes{namespace="default",pool="python",phase="Leased"} 2',
    );
    expect(shown).toContain('warmpool_sandboxes_desired{namespace="default",pool="python"} 5');
    expect(shown).toContain('warmpool_build_info{version="1.2.3"} 1');
    expect(shown).toContain('process_resident_memory_bytes');
  });

  it('tells leases granted at once from those that waited, and refusals and ends by reason', async () => {
    const { metrics, text } = createPromMetrics({ version: '0' });
    metrics.leaseGranted(pool, true, 0.0004);
    metrics.leaseGranted(pool, true, 0.0004);
    metrics.leaseGranted(pool, false, 2);
    metrics.leaseRefused(pool, 'QueueFull');
    metrics.leaseEnded(pool, 'Released');
    metrics.queueLength(pool, 4);
    const shown = await text();
    expect(shown).toContain('granted_total{namespace="default",pool="python",source="warm"} 2');
    expect(shown).toContain('granted_total{namespace="default",pool="python",source="queue"} 1');
    expect(shown).toContain(
      'refused_total{namespace="default",pool="python",reason="QueueFull"} 1',
    );
    expect(shown).toContain('ended_total{namespace="default",pool="python",reason="Released"} 1');
    expect(shown).toContain('warmpool_lease_queue_length{namespace="default",pool="python"} 4');
    expect(shown).toMatch(/lease_wait_seconds_bucket\{le="0.0005",[^}]*\} 2/);
  });

  it('counts commands by outcome and way and measures them in buckets around a millisecond', async () => {
    const { metrics, text } = createPromMetrics({ version: '0' });
    metrics.command(pool, {
      outcome: 'succeeded',
      via: 'shell',
      seconds: 0.0011,
      overheadSeconds: 0.0002,
    });
    metrics.command(pool, { outcome: 'timed-out', via: 'engine', seconds: 60 });
    const shown = await text();
    expect(shown).toMatch(/commands_total\{[^}]*outcome="succeeded",via="shell"\} 1/);
    expect(shown).toMatch(/commands_total\{[^}]*outcome="timed-out",via="engine"\} 1/);
    expect(shown).toMatch(/command_seconds_bucket\{le="0.0015",[^}]*via="shell"\} 1/);
  });

  it('drops all series of a pool that is gone and keeps the others', async () => {
    const { metrics, text } = createPromMetrics({ version: '0' });
    for (const key of [pool, other]) {
      metrics.poolSizes(key, sizes, 5);
      metrics.leaseGranted(key, true, 0.001);
      metrics.command(key, { outcome: 'failed', via: 'shell', seconds: 1 });
      metrics.sandboxCreated(key, 0.1);
      metrics.sandboxCreateFailed(key, 'ImageMissing');
      metrics.sandboxRecycled(key, 'MaxAge');
    }
    metrics.forgetPool(pool);
    const shown = await text();
    expect(shown).not.toContain('pool="python"');
    expect(shown).toContain('pool="node"');
  });

  it('keeps reasons few, whatever text comes as one', async () => {
    const { metrics, text } = createPromMetrics({ version: '0' });
    for (let n = 0; n < 1_000; n += 1) metrics.sandboxCreateFailed(pool, `Reason${n}`);
    metrics.sandboxCreateFailed(pool, 'dial unix /var/run/docker.sock: no such file');
    const shown = (await text())
      .split('\n')
      .filter((line) => line.includes('creation_failures_total{'));
    expect(shown.length).toBeLessThan(50);
    expect(shown.join('\n')).toContain('reason="other"');
  });

  it('shows every command that ended before it was asked, and none of a pool that is gone', async () => {
    const { metrics, text } = createPromMetrics({ version: '0' });
    const command = { outcome: 'succeeded', via: 'shell', seconds: 2, overheadSeconds: 1 } as const;
    for (let n = 0; n < 150; n += 1) metrics.command(pool, command);
    for (let n = 0; n < 70; n += 1) metrics.command(other, command);
    metrics.forgetPool(other);
    const labels = 'namespace="default",pool="python"';
    const shown = await text();
    expect(shown).toContain(`commands_total{${labels},outcome="succeeded",via="shell"} 150`);
    expect(shown).toContain(`command_seconds_count{${labels},via="shell"} 150`);
    expect(shown).toContain(`command_seconds_sum{${labels},via="shell"} 300`);
    expect(shown).toContain(`overhead_seconds_sum{${labels},via="shell"} 150`);
    expect(shown).not.toContain('pool="node"');
    expect(await text()).toContain(`command_seconds_count{${labels},via="shell"} 150`);
    metrics.command(other, command);
    expect(await text()).toContain(
      'command_seconds_count{namespace="default",pool="node",via="shell"} 1',
    );
  });
});

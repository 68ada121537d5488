import { describe, expect, it } from '@jest/globals';
import { createSightings } from '../../../src/reconcile/sightings.js';
import { manualClock } from '../../support/manual-clock.js';

describe('sightings', () => {
  it('take no sandbox for gone by a listing that began before it was there', () => {
    const sightings = createSightings(manualClock());
    const listing = sightings.beginListing();
    sightings.known('u');
    expect(sightings.missing('u', listing)).toBe(false);
  });

  it('take one that was seen before for gone at once', () => {
    const sightings = createSightings(manualClock());
    sightings.known('u');
    sightings.beginListing();
    sightings.seen('u');
    expect(sightings.missing('u', sightings.beginListing())).toBe(true);
  });

  it('give one that was never seen ten seconds to appear', async () => {
    const clock = manualClock();
    const sightings = createSightings(clock);
    sightings.known('u');
    expect(sightings.missing('u', sightings.beginListing())).toBe(false);
    await clock.advance(10_000);
    expect(sightings.missing('u', sightings.beginListing())).toBe(true);
  });

  it('remember for a minute what went', async () => {
    const clock = manualClock();
    const sightings = createSightings(clock);
    sightings.gone('u');
    await clock.advance(59_000);
    expect(sightings.wentLately('u')).toBe(true);
    await clock.advance(1000);
    expect(sightings.wentLately('u')).toBe(false);
  });
});

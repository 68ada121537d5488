import { describe, expect, it } from '@jest/globals';
import { osReleaseValues, whyNotInstallable } from '../../../src/setup/packages.js';

const UBUNTU = 'PRETTY_NAME="Ubuntu 24.04"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n';
const ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\n';

describe('osReleaseValues', () => {
  it('reads values with and without quotes, split at spaces', () => {
    expect(osReleaseValues(UBUNTU, 'VERSION_CODENAME')).toEqual(['noble']);
    expect(osReleaseValues(ROCKY, 'ID_LIKE')).toEqual(['rhel', 'centos', 'fedora']);
  });

  it('does not take a name for the end of another', () => {
    expect(osReleaseValues('VARIANT_ID=server\n', 'ID')).toEqual([]);
  });
});

describe('whyNotInstallable', () => {
  it('has no objection to root on Debian or a relative of it', () => {
    expect(whyNotInstallable({ root: true, distributions: ['debian'] }, 'dockerd')).toBeUndefined();
    expect(
      whyNotInstallable({ root: true, distributions: ['mint', 'ubuntu'] }, 'dockerd'),
    ).toBeUndefined();
  });

  it('says in one sentence that root is missing', () => {
    expect(whyNotInstallable({ root: false, distributions: ['debian'] }, 'dockerd')).toMatch(
      /^dockerd is missing, .* root: try again as root$/,
    );
  });

  it('says in one sentence that the distribution is another', () => {
    expect(whyNotInstallable({ root: true, distributions: ['rocky', 'rhel'] }, 'dockerd')).toMatch(
      /^dockerd is missing, .* Debian and Ubuntu only/,
    );
  });
});

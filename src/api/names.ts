import type { Codec } from './schema/codec.js';
import { integerOrText, text } from './schema/scalars.js';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** A DNS-1123 label: pools, namespaces, containers and volumes are named so. */
export const label = (description: string): Codec<string> =>
  text({
    description,
    minLength: 1,
    maxLength: 63,
    pattern: `^${LABEL}$`,
    means: 'lower-case letters, digits and hyphens, with a letter or digit at both ends',
  });

/** A DNS-1123 subdomain: labels joined by dots. */
export const subdomain = (description: string): Codec<string> =>
  text({
    description,
    minLength: 1,
    maxLength: 253,
    pattern: `^${LABEL}(\\.${LABEL})*$`,
    means: 'lower-case letters, digits, hyphens and dots, as in a host name',
  });

/** Linux bounds a path at 4096 bytes. */
const MAX_PATH = 4096;

/** An absolute path inside the sandbox. */
export const absolutePath = (description: string): Codec<string> =>
  text({
    description,
    minLength: 1,
    maxLength: MAX_PATH,
    pattern: '^/[^\\x00-\\x1f\\x7f]*$',
    means: 'an absolute path without control characters',
  });

/** An amount as Kubernetes writes it: `500m`, `1.5`, `512Mi`. */
export const quantity = (description: string): Codec<number | string> =>
  integerOrText({
    description,
    maxLength: 32,
    pattern: '^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$',
    means: 'a quantity in quotes, such as "500m", "1.5" or "512Mi"',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  });

/** A moment in UTC, as RFC 3339 writes it. */
export const timestamp = (description: string): Codec<string> =>
  text({
    description,
    maxLength: 40,
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$',
    means: 'a moment in UTC such as 2026-01-31T12:00:00Z',
  });

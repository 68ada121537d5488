/** The fields of a manifest that tests change, as objects that YAML and JSON can hold. */
export interface ManifestParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** The smallest manifest there is, with the given parts put in. */
export const poolManifest = (parts: ManifestParts = {}): Readonly<Record<string, unknown>> => ({
  apiVersion: 'warmpool.dev/v1alpha1',
  kind: 'SandboxPool',
  metadata: {
    name: parts.name ?? 'python',
    ...(parts.namespace === undefined ? {} : { namespace: parts.namespace }),
  },
  spec: {
    template: { spec: { containers: [{ name: 'sandbox', image: 'busybox' }] } },
    ...parts.spec,
  },
});

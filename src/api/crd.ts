import { API_VERSION, SANDBOX_POOL_KIND, SandboxPool } from './sandbox-pool.js';
import { schemaOf } from './schema/codec.js';
import type { JsonSchema } from './schema/json-schema.js';

const [GROUP = '', VERSION = ''] = API_VERSION.split('/');
const PLURAL = 'sandboxpools';

/** An `apiextensions.k8s.io/v1` CustomResourceDefinition, as far as this program writes one. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced';
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly versions: readonly CrdVersion[];
  };
}

export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: JsonSchema };
  readonly subresources: {
    readonly status: Readonly<Record<string, never>>;
    readonly scale: {
      readonly specReplicasPath: string;
      readonly statusReplicasPath: string;
      readonly labelSelectorPath: string;
    };
  };
  readonly additionalPrinterColumns: readonly PrinterColumn[];
}

interface PrinterColumn {
  readonly name: string;
  readonly type: 'integer' | 'date';
  readonly description: string;
  readonly jsonPath: string;
}

const PRINTER_COLUMNS: readonly PrinterColumn[] = [
  {
    name: 'Desired',
    type: 'integer',
    description: 'Warm sandboxes to hold ready.',
    jsonPath: '.spec.replicas',
  },
  {
    name: 'Ready',
    type: 'integer',
    description: 'Sandboxes that are warm and not leased.',
    jsonPath: '.status.readyReplicas',
  },
  {
    name: 'Leased',
    type: 'integer',
    description: 'Sandboxes that a thread holds.',
    jsonPath: '.status.leasedReplicas',
  },
  {
    name: 'Age',
    type: 'date',
    description: 'Time since the pool was made.',
    jsonPath: '.metadata.creationTimestamp',
  },
];

/**
 * The schema of the whole resource. API servers know `apiVersion`, `kind` and `metadata` themselves, and
 * refuse a definition that says more of `metadata` (if only a description) than how names are bounded.
 */
const openApiSchema = (): JsonSchema => {
  const schema = schemaOf(SandboxPool);
  const { apiVersion, kind, metadata, spec = {}, status = {} } = schema.properties ?? {};
  const { name = {} } = metadata?.properties ?? {};
  return {
    ...schema,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: apiVersion?.description ?? '' },
      kind: { type: 'string', description: kind?.description ?? '' },
      metadata: { type: 'object', properties: { name } },
      spec,
      status,
    },
  };
};

/** The definition of SandboxPool for a cluster, made from the codecs that read manifests. */
export const sandboxPoolCrd = (): CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${PLURAL}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: {
      kind: SANDBOX_POOL_KIND,
      listKind: `${SANDBOX_POOL_KIND}List`,
      plural: PLURAL,
      singular: 'sandboxpool',
      shortNames: ['sbp'],
      categories: ['all'],
    },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: openApiSchema() },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: PRINTER_COLUMNS,
      },
    ],
  },
});

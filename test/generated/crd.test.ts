import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { sandboxPoolCrd } from '../../src/api/crd.js';
import { crdFileName, crdYaml } from '../../src/api/crd-yaml.js';
import type { JsonSchema } from '../../src/api/schema/json-schema.js';

const crd = sandboxPoolCrd();
const version = crd.spec.versions[0];
const root: JsonSchema = version?.schema.openAPIV3Schema ?? {};
const path = fileURLToPath(new URL(`../../crds/${crdFileName(crd)}`, import.meta.url));

interface At {
  readonly path: string;
  readonly schema: JsonSchema;
}

const walk = (schema: JsonSchema, at: string): readonly At[] => [
  { path: at, schema },
  ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    walk(child, `${at}.${name}`),
  ),
  ...(schema.items === undefined ? [] : walk(schema.items, `${at}[]`)),
  ...(schema.additionalProperties === undefined
    ? []
    : walk(schema.additionalProperties, `${at}{}`)),
];
const everything = walk(root, '');
const paths = (test: (schema: JsonSchema) => boolean): readonly string[] =>
  everything.filter(({ schema }) => test(schema)).map((each) => each.path);

const untyped = (schema: JsonSchema): boolean =>
  schema.type === undefined &&
  schema['x-kubernetes-int-or-string'] !== true &&
  schema['x-kubernetes-preserve-unknown-fields'] !== true;

const unbounded = (schema: JsonSchema): boolean =>
  (schema.type === 'integer' && (schema.minimum ?? schema.maximum) === undefined) ||
  (schema.type === 'string' && (schema.maxLength ?? schema.enum) === undefined) ||
  (schema.type === 'array' && schema.maxItems === undefined) ||
  (schema.additionalProperties !== undefined && schema.maxProperties === undefined);

const both = ({ required = [], properties = {} }: JsonSchema): boolean =>
  required.some((name) => properties[name]?.default !== undefined);

describe('the custom resource definition', () => {
  it('is committed as `make generate` writes it', () => {
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(crdYaml(crd));
  });

  it('describes every field', () => {
    expect(paths(({ description }) => description === undefined || description === '')).toEqual([
      // API servers forbid one here.
      '.metadata',
    ]);
  });

  it('is structural: every node has a type, or says why it has none', () => {
    expect(paths(untyped)).toEqual([]);
  });

  it('bounds every number, text, list and map', () => {
    expect(paths(unbounded)).toEqual(['.apiVersion', '.kind']);
  });

  it('lets unknown fields through inside the template only', () => {
    const open = paths((schema) => schema['x-kubernetes-preserve-unknown-fields'] === true);
    expect(open).toContain('.spec.template.spec');
    expect(open.filter((each) => !each.startsWith('.spec.template'))).toEqual([]);
  });

  it('says of metadata only what API servers allow: the bounds of the name', () => {
    expect(Object.keys(root.properties?.['metadata'] ?? {})).toEqual(['type', 'properties']);
    expect(Object.keys(root.properties?.['metadata']?.properties ?? {})).toEqual(['name']);
  });

  it('never gives a field both a default and the duty to be there', () => {
    expect(paths(both)).toEqual([]);
  });

  it('has rules over several fields', () => {
    const rules = everything.flatMap(({ path: at, schema }) =>
      (schema['x-kubernetes-validations'] ?? []).map((rule) => `${at}${rule.fieldPath ?? ''}`),
    );
    expect(rules).toContain('.spec.maxSandboxes');
    expect(rules).toContain('.spec.template.spec.containers');
  });

  it('has the short name, the columns and both subresources', () => {
    expect(crd.spec.names.shortNames).toEqual(['sbp']);
    expect(version?.additionalPrinterColumns.map(({ name }) => name)).toEqual([
      'Desired',
      'Ready',
      'Leased',
      'Age',
    ]);
    expect(version?.subresources).toEqual({
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    });
  });
});

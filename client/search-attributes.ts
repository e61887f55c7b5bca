// SPDX-License-Identifier: Apache-2.0
import type { ConnectionLike } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

import { messageOf } from '../common/errors.js';
import { SEARCH_ATTRIBUTES, searchAttributeType } from '../common/search-attributes.js';

type OperatorService = temporal.api.operatorservice.v1.OperatorService;

/** What either kind of connection has. */
export type Operated = Pick<ConnectionLike, 'workflowService'> & { readonly operatorService: OperatorService };

/** What a server knows of our search attributes. */
export interface RegisteredAttributes {
  /** True when runs may set them. */
  readonly complete: boolean;
  /** Registered just now. */
  readonly added: readonly string[];
  /** What is missing or of another type, and why it could not be mended. */
  readonly trouble?: string;
}

/** IndexedValueType of the server's interface. */
const TYPE_NUMBER = { KEYWORD: 2, BOOL: 5, DATETIME: 6 } as const;

/**
 * Registers what a server lacks of our search attributes. A server that refuses (in the cloud an administrator does it) is told of,
 * and runs do without.
 */
export async function registerSearchAttributes(
  { operatorService }: Operated,
  namespace: string,
): Promise<RegisteredAttributes> {
  const wanted = Object.values(SEARCH_ATTRIBUTES);
  const listed = async (): Promise<Readonly<Record<string, number>>> =>
    (await operatorService.listSearchAttributes({ namespace })).customAttributes;
  try {
    const before = await listed();
    const wrong = wanted.filter(({ name, type }) => before[name] !== undefined && before[name] !== TYPE_NUMBER[type]);
    if (wrong.length > 0) {
      const names = wrong.map(({ name, type }) => `${name} (expected ${type})`).join(', ');
      return { complete: false, added: [], trouble: `of another type on the server: ${names}` };
    }
    const missing = wanted.filter(({ name }) => before[name] === undefined);
    if (missing.length === 0) return { complete: true, added: [] };
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPE_NUMBER[type]])),
    });
    return { complete: true, added: missing.map(({ name }) => name) };
  } catch (error) {
    const commands = wanted.map(
      ({ name, type }) =>
        `temporal operator search-attribute create --name ${name} --type ${searchAttributeType(type)}`,
    );
    return {
      complete: false,
      added: [],
      trouble: `${messageOf(error)}; an administrator adds them:\n${commands.join('\n')}`,
    };
  }
}

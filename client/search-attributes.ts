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

const WANTED = Object.values(SEARCH_ATTRIBUTES);
type Wanted = (typeof WANTED)[number];

/** What a server lacks of our search attributes, and what it has of another type. */
async function compare(
  { operatorService }: Operated,
  namespace: string,
): Promise<{ missing: Wanted[]; wrong: Wanted[] }> {
  const listed = await operatorService.listSearchAttributes({ namespace });
  const customAttributes: Readonly<Record<string, number>> = listed.customAttributes;
  return {
    missing: WANTED.filter(({ name }) => customAttributes[name] === undefined),
    wrong: WANTED.filter(
      ({ name, type }) => customAttributes[name] !== undefined && customAttributes[name] !== TYPE_NUMBER[type],
    ),
  };
}

const wrongInWords = (wrong: readonly Wanted[]): string =>
  `of another type on the server: ${wrong.map(({ name, type }) => `${name} (expected ${type})`).join(', ')}`;

const commandsFor = (wanted: readonly Wanted[], namespace: string, address: string | undefined): string => {
  const server = `${address === undefined ? '' : `--address ${address} `}--namespace ${namespace}`;
  return wanted
    .map(
      ({ name, type }) =>
        `temporal operator search-attribute create ${server} --name ${name} --type ${searchAttributeType(type)}`,
    )
    .join('\n');
};

/**
 * Whether a server knows our search attributes; changes nothing. `trouble` says how an administrator adds what is missing.
 *
 * @param address - host:port that the commands in `trouble` name; absent: they are for the server that Temporal's CLI takes by itself
 */
export async function checkSearchAttributes(
  operated: Operated,
  namespace: string,
  address?: string,
): Promise<RegisteredAttributes> {
  const { missing, wrong } = await compare(operated, namespace);
  if (wrong.length > 0) return { complete: false, added: [], trouble: wrongInWords(wrong) };
  if (missing.length === 0) return { complete: true, added: [] };
  return {
    complete: false,
    added: [],
    trouble: `missing; an administrator adds them:\n${commandsFor(missing, namespace, address)}`,
  };
}

/**
 * Registers what a server lacks of our search attributes. A server that refuses (in the cloud an administrator does it) is told of,
 * and runs do without.
 *
 * @param address - as of {@link checkSearchAttributes}
 */
export async function registerSearchAttributes(
  operated: Operated,
  namespace: string,
  address?: string,
): Promise<RegisteredAttributes> {
  try {
    const { missing, wrong } = await compare(operated, namespace);
    if (wrong.length > 0) return { complete: false, added: [], trouble: wrongInWords(wrong) };
    if (missing.length === 0) return { complete: true, added: [] };
    await operated.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPE_NUMBER[type]])),
    });
    return { complete: true, added: missing.map(({ name }) => name) };
  } catch (error) {
    const trouble = `${messageOf(error)}; an administrator adds them:\n${commandsFor(WANTED, namespace, address)}`;
    return { complete: false, added: [], trouble };
  }
}

// SPDX-License-Identifier: Apache-2.0
import eslint from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { forbiddenRooms, INNER_ROOMS, ROOM_TABLE, ROOMS, SANDBOX_SAFE_COMMON } from './infra/dev/room-table.mjs';

const DECISION = 'docs/decisions/0001-the-spine.md says who may import whom';

/** Rooms that may not be entered at all, and doors: resolved by path, so every way to write the import is caught. */
const zones = ROOMS.flatMap((room) => [
  ...forbiddenRooms(room).map((other) => ({
    target: `./${room}`,
    from: `./${other}`,
    message: `${room}/ may not import ${other}/: ${DECISION}.`,
  })),
  ...(ROOM_TABLE[room].doors ?? []).map((other) => ({
    target: `./${room}`,
    from: `./${other}`,
    except: ['index.ts'],
    message: `${room}/ may use ${other}/ through its index.ts only: ${DECISION}.`,
  })),
]);

const innerZones = Object.entries(INNER_ROOMS).flatMap(([folder, table]) =>
  Object.entries(table).flatMap(([room, used]) =>
    Object.keys(table)
      .filter((other) => other !== room && !used.includes(other))
      .map((other) => ({
        target: `./${folder}/${room}`,
        from: `./${folder}/${other}`,
        message: `${folder}/${room}/ may not import ${other}/: infra/dev/room-table.mjs says who may.`,
      })),
  ),
);

/** Rooms of which only types may be used. */
const typesOnly = (room, extra = []) => ({
  files: [`${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...(ROOM_TABLE[room].types ?? []).map((other) => ({
            group: [`**/${other}/**`],
            allowTypeImports: true,
            message: `${room}/ may use types of ${other}/ only: ${DECISION}.`,
          })),
          ...extra,
        ],
      },
    ],
  },
});

// A name in brackets is a key of a record, which may be absent.
const INDEXED_ACCESS = ['TSNonNullExpression', 'TSAsExpression[typeAnnotation.typeName.name!="const"]'].map(
  (assertion) => ({
    selector: `${assertion} > MemberExpression[computed=true]:not([property.value=/^\\D/]).expression`,
    message: 'An index that must exist is read by entry() of common/entry.ts, which throws where it does not.',
  }),
);

const ADDRESSES = {
  selector: 'CallExpression[callee.name=/^(fileURLToPath|pathToFileURL)$/]:not(:has(MetaProperty))',
  message: 'Only artifacts/local-files.ts turns addresses into paths and back: fileUriOf, pathOfFileUri, placeOf.',
};

export default tseslint.config(
  // examples are projects of their own: compiled against the package by tests/package
  { ignores: ['node_modules/', 'dist/', 'build/', 'examples/', 'runs/', '.tramontana/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Tests may assert; elsewhere the rule on indexed access below speaks.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.{ts,js,mjs}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({ extensions: ['.ts', '.js', '.mjs'], extensionAlias: { '.js': ['.ts', '.js'] } }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/extensions': ['.ts', '.js', '.mjs'],
    },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300 }],
      // Published coefficients keep the digits with which they were published.
      'no-loss-of-precision': 'off',
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-extraneous-dependencies': [
        'error',
        {
          devDependencies: ['**/*.test.ts', '**/*.test.mjs', 'tests/**', 'samples/**', 'bench/**', 'eslint.config.js'],
        },
      ],
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: [...zones, ...innerZones] }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['**/*.test.ts', 'tests/**'],
    rules: { 'no-restricted-syntax': ['error', ...INDEXED_ACCESS, ADDRESSES] },
  },
  { files: ['artifacts/local-files.ts'], rules: { 'no-restricted-syntax': ['error', ...INDEXED_ACCESS] } },
  typesOnly('modelling'),
  typesOnly('workflows', [
    {
      group: ['node:*', 'fs', 'path', 'crypto', 'child_process', 'os'],
      message: 'A workflow has no access to Node: do it in an activity.',
    },
    {
      regex: `/common/(?!(${SANDBOX_SAFE_COMMON.join('|')})\\.js$)`,
      allowTypeImports: true,
      message: `Of common/, only ${SANDBOX_SAFE_COMMON.join(' and ')} may run inside the workflow sandbox.`,
    },
  ]),
  {
    files: ['workflows/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'Date',
          message: 'Workflow code is replayed: take times from workflowInfo(), the input or an activity.',
        },
        { name: 'process', message: 'A workflow has no process: pass the value in the input.' },
        { name: 'performance', message: 'Workflow code is replayed: measure in activities.' },
        { name: 'fetch', message: 'A workflow does no I/O: do it in an activity.' },
        { name: 'setTimeout', message: 'Use sleep of @temporalio/workflow, which can be cancelled.' },
        { name: 'setInterval', message: 'Use sleep of @temporalio/workflow in a loop.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Use uuid4 of @temporalio/workflow or decide in an activity.' },
      ],
    },
  },
  {
    files: ['infra/**/*.mjs', 'eslint.config.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        performance: 'readonly',
        console: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly', exports: 'writable' } },
  },
  // Both are handed to a tool that takes the default export.
  { files: ['eslint.config.js', 'infra/checks/count-reporter.mjs'], rules: { 'import-x/no-default-export': 'off' } },
);

// SPDX-License-Identifier: Apache-2.0
/** What the doors of the package promise, as text: every exported name with its declaration, from the built `.d.ts`, without comments. */
import { relative } from 'node:path';
import ts from 'typescript';
import { inRoot } from '../../infra/setup/core/paths.mjs';

const printer = ts.createPrinter({ removeComments: true });

/**
 * @param {readonly string[]} files - the `.d.ts` of each door
 * @returns {readonly string[]} the text of each
 */
export function apisOf(files) {
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    types: [],
    noLib: true,
  });
  const checker = program.getTypeChecker();
  return files.map((file) => {
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
    return `${symbols
      .map((symbol) => textOf(symbol, checker))
      .sort()
      .join('\n')}\n`;
  });
}

function textOf(symbol, checker) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const statements = (target.declarations ?? [])
    .map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node))
    .filter((node) => !relative(inRoot('dist'), node.getSourceFile().fileName).startsWith('..'));
  return statements
    .map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()))
    .join('\n')
    .replaceAll(/^ +private .*;\n/gmu, '');
}

// SPDX-License-Identifier: Apache-2.0

/**
 * The links of a Markdown page that lead to other files or to headings, code blocks left out.
 *
 * @param {string} text
 * @returns {string[]} as written, e.g. `../install.md#engine`; addresses of the web are not among them
 */
export function localLinksOf(text) {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

// SPDX-License-Identifier: Apache-2.0

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
}

/** Three significant digits: what a measurement of seconds is worth. */
export function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Formats rows as they come: the widths are those of the titles, or `width` where given. */
export class TablePrinter<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #say: (line: string) => void;

  constructor(columns: readonly Column<Row>[], say: (line: string) => void) {
    this.#columns = columns;
    this.#say = say;
  }

  printHead(): void {
    this.#say(this.#columns.map(({ title }) => title).join('  '));
  }

  print(row: Row): void {
    this.#say(this.#columns.map(({ title, cell }) => cell(row).padStart(title.length)).join('  '));
  }
}

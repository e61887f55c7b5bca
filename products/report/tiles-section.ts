// SPDX-License-Identifier: Apache-2.0
/** Where the hyperparameters differ: each tile with its own estimate, as a small map a parameter. */
import type { ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { Tile } from '../../artifacts/schemas/tile-plan.js';
import { entry } from '../../common/entry.js';
import { formatNumber, unitsForPeople } from '../formatting.js';
import type { TileReport } from '../product-types.js';
import { html, type Markup, NOTHING } from './html.js';
import type { ReportInputs } from './report-types.js';

/** Width of a small map; its height follows from the box. */
const WIDTH = 300;

/** A small map of one parameter. */
interface Estimates {
  readonly label: string;
  readonly units: string;
  readonly tiles: readonly { readonly tile: Tile; readonly estimate: number }[];
}

/** Tiles, those that are missing, and theta by tile; nothing for a domain in one rectangle. */
export function tilesSection({ inputs: { tiles } }: ReportInputs): Markup {
  if (tiles === undefined) return NOTHING;
  const { held, missing, plan } = tiles;
  return html`<section id="tiles">
    <h2>Tiles</h2>
    <p class="lede">
      ${held.length} of ${held.length + missing.length} tiles, each fitted by itself; neighbours share at least
      ${plan.overlapCells} cells, over which the maps pass smoothly from one to the other.
    </p>
    ${
      missing.length === 0
        ? NOTHING
        : html`<ul>
            ${missing.map(({ tile, reason }) => html`<li><strong>${tile.id}</strong> is missing: ${reason}</li>`)}
          </ul>`
    }
    <p class="soft">Estimates by tile, dark for large ones; numbers of every tile are in <code>summary.json</code>.</p>
    <div class="charts small">${estimatesOf(tiles).map((estimates) => estimateMap(tiles, estimates))}</div>
  </section>`;
}

/** The hyperparameters that vary, in the order of the first tile. */
function estimatesOf({ held }: TileReport): Estimates[] {
  const first = held[0]?.parameters ?? [];
  const isHyperparameter = ({ kind }: ParameterSummary): boolean => kind === 'hyperparameter';
  return first.filter(isHyperparameter).flatMap(({ name, label, units }) => {
    const found = held.flatMap(({ tile, parameters }) => {
      const estimate = parameters.find((parameter) => parameter.name === name)?.estimate;
      return estimate === undefined ? [] : [{ tile, estimate }];
    });
    return [{ label, units, tiles: found }];
  });
}

function estimateMap({ plan, missing }: TileReport, { label, units, tiles }: Estimates): Markup {
  const values = tiles.map(({ estimate }) => estimate).sort((a, b) => a - b);
  const [low, high] = [entry(values, 0), entry(values, values.length - 1)];
  const unit = WIDTH / plan.numColumns;
  const height = Math.max(40, Math.round(plan.numRows * unit));
  const box = ({ rows, columns }: Tile): Record<'x' | 'y' | 'width' | 'height', string> => {
    // drawn without half of what is shared, so that tiles lie side by side
    const inner = (span: Tile['rows'], total: number, scale: number): { from: number; length: number } => {
      const half = plan.overlapCells / 2;
      const from = span.first === 0 ? 0 : span.first + half;
      const to = span.first + span.count === total ? total : span.first + span.count - half;
      return { from: from * scale, length: (to - from) * scale };
    };
    const [down, across] = [inner(rows, plan.numRows, height / plan.numRows), inner(columns, plan.numColumns, unit)];
    const text = (value: number): string => value.toFixed(1);
    return { x: text(across.from), y: text(down.from), width: text(across.length), height: text(down.length) };
  };
  const named = tiles.length <= 30;
  return html`<figure class="plot">
    <figcaption>
      ${label} <small>${unitsForPeople(units)}, ${formatNumber(low)} to ${formatNumber(high)}</small>
    </figcaption>
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label} by tile">
      ${tiles.map(({ tile, estimate }) => {
        const share = high > low ? (estimate - low) / (high - low) : 0.5;
        const { x, y, width, height: tall } = box(tile);
        const [cx, cy] = [Number(x) + Number(width) / 2, Number(y) + Number(tall) / 2];
        return html`<g>
          <title>${tile.id}: ${formatNumber(estimate)} ${unitsForPeople(units)}</title>
          <rect
            x="${x}"
            y="${y}"
            width="${width}"
            height="${tall}"
            class="tile"
            style="fill-opacity:${(0.12 + 0.6 * share).toFixed(2)}"
          />
          ${named ? html`<text x="${cx.toFixed(1)}" y="${(cy + 3.5).toFixed(1)}" class="tile-value">${formatNumber(estimate)}</text>` : NOTHING}
        </g>`;
      })}
      ${missing.map(({ tile }) => {
        const { x, y, width, height: tall } = box(tile);
        return html`<g>
          <title>${tile.id}: missing</title>
          <rect x="${x}" y="${y}" width="${width}" height="${tall}" class="tile-missing" />
        </g>`;
      })}
    </svg>
  </figure>`;
}

// SPDX-License-Identifier: Apache-2.0
/**
 * Picture of the mesh on which the model lives.
 *
 * @module
 */
import { float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import type { MeshDrawing, QualitySummary } from '../product-types.js';
import { bordersWithin } from './borders.js';
import { drawHeader, FigureCanvas, type FigureHeader, headerHeight } from './figure-canvas.js';
import { type Bounds, fitFrame, MapFrame } from './map-frame.js';
import { drawGraticule, drawLines, drawScaleBar, strokeSegments } from './map-layers.js';
import { qualityWarning } from './map-set.js';
import { INK, MARGIN } from './theme.js';

const LATITUDE_LABELS = 46;
const EDGE_COLOUR = '#5f8fa3';
const DOMAIN_COLOUR = '#b3312c';
const EXACT_COLOURS = [
  [0x5f, 0x8f, 0xa3],
  [0xb3, 0x31, 0x2c],
] as const;

/**
 * Renders the mesh as PNG bytes: edges, coastlines and borders, the modelled domain as a frame.
 *
 * @throws {TramontanaError} `Products.EmptyMesh` when there is no segment.
 */
export async function renderMesh(
  mesh: MeshDrawing,
  quality: Pick<QualitySummary, 'decision' | 'reasons'>,
): Promise<Buffer> {
  const bounds = boundsOfSegments(mesh);
  const size = fitFrame(bounds, 490, 470);
  const contentWidth = Math.max(size.width + LATITUDE_LABELS, 420);
  const counts = [
    ...(mesh.numVertices === undefined ? [] : [`${mesh.numVertices} nodes`]),
    ...(mesh.numInteriorVertices === undefined ? [] : [`${mesh.numInteriorVertices} inside the domain`]),
  ];
  const header: FigureHeader = {
    title: 'Mesh',
    subtitle: counts.join(', '),
    date: '',
    dateNote: 'red frame: the domain',
    ...qualityWarning(quality),
  };
  const frameTop = MARGIN + headerHeight(header);
  const sheet = new FigureCanvas(contentWidth + 2 * MARGIN, frameTop + size.height + 24 + MARGIN - 6);
  const { context } = sheet;
  drawHeader(context, header, MARGIN, MARGIN + contentWidth);
  const x = MARGIN + LATITUDE_LABELS + Math.round((contentWidth - LATITUDE_LABELS - size.width) / 2);
  const frame = new MapFrame(bounds, { x, y: frameTop, ...size });
  context.save();
  context.beginPath();
  context.rect(x, frameTop, size.width, size.height);
  context.clip();
  context.strokeStyle = EDGE_COLOUR;
  context.lineWidth = Math.min(0.8, Math.max(0.35, 14_000 / Math.max(1, mesh.segmentsDegrees.length / 4) / 10));
  context.lineCap = 'round';
  strokeSegments(context, frame, mesh.segmentsDegrees);
  drawLines(context, frame, await bordersWithin(bounds));
  context.strokeStyle = DOMAIN_COLOUR;
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.beginPath();
  for (let k = 0; k + 1 < mesh.outline.length; k += 2) {
    context.lineTo(frame.x(float64At(mesh.outline, k)), frame.y(float64At(mesh.outline, k + 1)));
  }
  context.closePath();
  context.stroke();
  context.restore();
  drawScaleBar(context, frame);
  context.strokeStyle = INK;
  context.lineWidth = 0.8;
  context.strokeRect(x, frameTop, size.width, size.height);
  drawGraticule(context, frame);
  return sheet.encode(EXACT_COLOURS);
}

function boundsOfSegments({ segmentsDegrees, outline }: MeshDrawing): Bounds {
  if (segmentsDegrees.length < 4 || segmentsDegrees.length % 4 !== 0) {
    throw new TramontanaError(
      'Products.EmptyMesh',
      `Mesh picture: segments [x1, y1, x2, y2, ...] are expected, got ${segmentsDegrees.length} numbers`,
      { facts: { length: segmentsDegrees.length } },
    );
  }
  const bounds = { north: -90, south: 90, west: 360, east: -360 };
  for (const points of [segmentsDegrees, outline]) {
    for (let k = 0; k + 1 < points.length; k += 2) {
      bounds.west = Math.min(bounds.west, float64At(points, k));
      bounds.east = Math.max(bounds.east, float64At(points, k));
      bounds.south = Math.min(bounds.south, float64At(points, k + 1));
      bounds.north = Math.max(bounds.north, float64At(points, k + 1));
    }
  }
  const marginDegrees = 0.02 * (bounds.north - bounds.south);
  return {
    north: bounds.north + marginDegrees,
    south: bounds.south - marginDegrees,
    west: bounds.west - marginDegrees,
    east: bounds.east + marginDegrees,
  };
}

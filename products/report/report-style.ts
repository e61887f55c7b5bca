// SPDX-License-Identifier: Apache-2.0
/** Style of the report: system fonts, light and dark, phone to print. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --ink: #1d232b; --soft: #5b6470; --line: #dfe3e8; --faint: #eef0f3;
  --accent: #1f5f78; --violet: #6a3fa0; --warm: #c1440e; --likely: #b3312c; --possible: #9a6700; --unlikely: #2b6e57;
  --shade: rgba(31, 95, 120, 0.07); --on-strong: #ffffff; --shadow: 0 1px 2px rgba(20, 28, 40, .06), 0 4px 16px rgba(20, 28, 40, .05);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1b2128; --ink: #e8ebef; --soft: #a3adb8; --line: #313a44; --faint: #242b33;
    --accent: #7fc1d8; --violet: #b493e6; --warm: #f08a52; --likely: #ff8f85; --possible: #e5b454; --unlikely: #7fcfae;
    --shade: rgba(127, 193, 216, 0.09); --on-strong: #14101c; --shadow: none;
  }
  .map img { filter: brightness(.92); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
.wrap { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header.top { padding: 34px 0 8px; }
.brand { display: flex; align-items: center; gap: 9px; color: var(--accent); font-weight: 650; font-size: 14px; letter-spacing: .02em; }
.brand svg { width: 22px; height: 22px; }
h1 { font-size: clamp(27px, 4.2vw, 42px); line-height: 1.12; letter-spacing: -.02em; margin: 10px 0 6px; font-weight: 720; }
h2 { font-size: 23px; letter-spacing: -.01em; margin: 0 0 4px; line-height: 1.25; }
h3 { font-size: 15px; margin: 22px 0 8px; }
p { margin: 0 0 10px; }
a { color: var(--accent); }
.soft, .lede { color: var(--soft); }
.lede { max-width: 74ch; }
.notice { border-left: 4px solid var(--possible); background: var(--card); padding: 10px 14px; margin: 14px 0 0; border-radius: 0 8px 8px 0; }
nav.toc { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 12px 0 0; font-size: 14px; }
nav.toc a { color: var(--soft); text-decoration: none; padding: 4px 0; }
nav.toc a:hover { color: var(--accent); text-decoration: underline; }
section { background: var(--card); border-radius: 14px; padding: 24px 26px 26px; margin: 18px 0; box-shadow: var(--shadow); }
ul.headline { list-style: none; padding: 0; margin: 6px 0 0; }
ul.headline li { display: grid; grid-template-columns: 26px 1fr; gap: 10px; padding: 9px 0; font-size: 18px; line-height: 1.45; }
ul.headline li + li { border-top: 1px solid var(--line); }
.mark { width: 20px; height: 20px; margin-top: 3px; }
.likely .mark { color: var(--likely); } .possible .mark { color: var(--possible); } .unlikely .mark { color: var(--unlikely); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
thead th { color: var(--soft); font-weight: 600; font-size: 13px; border-bottom-color: var(--soft); }
td.number, th.number { text-align: right; white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
tr.group th { padding-top: 16px; font-size: 13px; color: var(--soft); border-bottom: 1px solid var(--line); font-weight: 650; }
tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
table.glance { border-spacing: 4px; border-collapse: separate; margin: 0 -4px; table-layout: auto; }
table.glance th, table.glance td { border: 0; padding: 9px 10px; }
table.glance thead th { text-align: center; color: var(--ink); font-size: 14px; }
table.glance thead th small, table.glance tbody th small { display: block; color: var(--soft); font-weight: 400; font-size: 12.5px; }
table.glance tbody th { font-weight: 650; padding-left: 4px; white-space: nowrap; }
table.glance td { text-align: center; vertical-align: middle; border-radius: 8px; min-width: 76px; font-weight: 600; background: color-mix(in oklab, var(--violet) calc(var(--share) * 88%), var(--faint)); }
table.glance td.strong { color: var(--on-strong); }
.tabs { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 12px; }
.tabs > input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.tabs > label { padding: 6px 13px; border-radius: 999px; background: var(--faint); font-size: 14px; cursor: pointer; white-space: nowrap; line-height: 1.3; }
.tabs > label small { color: var(--soft); margin-left: 5px; font-size: 12px; }
.tabs > input:checked + label { background: var(--accent); color: var(--card); font-weight: 600; }
.tabs > input:checked + label small { color: inherit; opacity: .85; }
.tabs > input:focus-visible + label { outline: 3px solid var(--violet); outline-offset: 2px; }
.tabs > .panel { display: none; order: 1; width: 100%; }
.tabs > input:checked + label + .panel { display: block; }
.maps { display: grid; grid-template-columns: 1.62fr 1fr; gap: 14px; margin-top: 12px; align-items: start; }
.maps .side { display: grid; gap: 14px; }
.map figcaption { background: var(--faint); color: var(--ink); font-size: 13.5px; font-weight: 600; padding: 7px 12px; }
.maps.single { grid-template-columns: 1fr; }
.map { margin: 0; border: 1px solid var(--line); border-radius: 10px; overflow: hidden; background: #fff; }
.map img { display: block; width: 100%; height: auto; cursor: zoom-in; }
.map.narrow { max-width: 720px; }
dl.figures { display: flex; flex-wrap: wrap; gap: 8px 34px; margin: 14px 0 0; }
dl.figures dt { color: var(--soft); font-size: 13px; } dl.figures dd { margin: 0; font-size: 19px; font-weight: 650; font-variant-numeric: tabular-nums; }
dl.figures dd small { font-weight: 400; font-size: 14px; color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 10px 26px; }
figure.plot { margin: 8px 0 0; } figure.plot figcaption { font-size: 14px; font-weight: 600; } figure.plot figcaption small { color: var(--soft); font-weight: 400; }
.charts.small { grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 14px 22px; } .prior-statement { color: var(--soft); font-size: 12.5px; margin: 2px 0 0; }
.key { display: inline-block; width: 22px; height: 0; border-top: 2px solid var(--accent); vertical-align: middle; margin: 0 2px 0 6px; } .key.prior { border-top: 2px dashed var(--warm); }
.chart { width: 100%; height: auto; max-width: 560px; display: block; }
.chart .grid { stroke: var(--line); stroke-width: 1; } .chart .tick { fill: var(--soft); font-size: 11px; }
.chart .line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; } .chart .line.warm { stroke: var(--warm); }
.chart .dot { fill: var(--accent); stroke: var(--card); stroke-width: 1.2; } .chart .dot.warm { fill: var(--warm); }
.chart .band { fill: var(--accent); opacity: .18; } .chart .shade { fill: var(--shade); }
.chart .line.prior { stroke: var(--warm); stroke-dasharray: 5 3; } .chart .median { stroke: var(--accent); stroke-width: 1; opacity: .55; }
.chart .bin { fill: var(--accent); opacity: .62; } .chart .shade-band { fill: var(--possible); opacity: .22; }
.chart .reference { stroke: var(--likely); stroke-width: 1.2; stroke-dasharray: 5 3; } .chart .reference-label { fill: var(--likely); font-size: 11px; }
.tile { fill: var(--accent); stroke: var(--card); stroke-width: 1.5; } .tile-missing { fill: none; stroke: var(--likely); stroke-dasharray: 4 3; } .tile-value { font-size: 10.5px; fill: var(--ink); text-anchor: middle; }
.badge { display: inline-block; border-radius: 999px; padding: 2px 11px; font-size: 13.5px; font-weight: 650; border: 1.5px solid currentColor; }
.badge.pass { color: var(--unlikely); } .badge.degrade { color: var(--possible); } .badge.fail { color: var(--likely); }
ul.issues { padding-left: 0; list-style: none; font-size: 14.5px; margin: 0; } ul.issues li { padding: 5px 0; display: grid; grid-template-columns: 74px 1fr; gap: 10px; }
ul.issues .severity { font-weight: 650; font-size: 13px; } .severity.warning { color: var(--possible); } .severity.error { color: var(--likely); } .severity.info { color: var(--soft); }
code, pre { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; } code { overflow-wrap: anywhere; }
pre { background: var(--faint); border-radius: 8px; padding: 12px 14px; overflow: auto; max-height: 420px; margin: 8px 0 0; }
summary { cursor: pointer; font-weight: 600; padding: 4px 0; }
.bar { display: inline-block; height: 8px; border-radius: 4px; background: var(--accent); min-width: 2px; vertical-align: middle; } .bar.reused { background: var(--line); }
td.barcell { width: 26%; }
footer { color: var(--soft); font-size: 13.5px; padding: 6px 0 44px; }
dialog { border: 0; border-radius: 12px; padding: 0; max-width: min(96vw, 1100px); max-height: 96vh; background: #fff; } dialog img { display: block; max-width: 100%; max-height: 94vh; margin: auto; cursor: zoom-out; } dialog::backdrop { background: rgba(10, 14, 20, .72); }
@media (max-width: 760px) {
  .wrap { padding: 0 12px; } section { padding: 18px 14px; border-radius: 12px; } header.top { padding-top: 22px; }
  .maps { grid-template-columns: 1fr; } ul.headline li { font-size: 16.5px; } .chart { max-width: none; }
  table.glance th, table.glance td { padding: 8px 7px; } table.glance td { min-width: 62px; } table.glance tbody th { white-space: normal; min-width: 84px; } table.glance tbody th small { display: none; }
  td.barcell, th.barcell { display: none; }
}
@media print {
  :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --faint: #f2f2f2; --shadow: none; --accent: #1f5f78; }
  body { font-size: 11pt; } .wrap { max-width: none; padding: 0; } section { padding: 0; margin: 14pt 0; break-inside: auto; }
  nav.toc, .tabs > label { display: none; } .tabs > input:checked + label { display: inline-block; } .map, figure, tr { break-inside: avoid; }
  .map img { filter: none; } details:not([open]) > *:not(summary) { display: none; }
}
`;

/** Enlarges a map on click and keeps the day in step over all pollutants. The page is complete without it. */
export const REPORT_SCRIPT = `
(() => {
  const dialog = document.createElement('dialog');
  const picture = document.createElement('img');
  dialog.append(picture);
  document.body.append(dialog);
  dialog.addEventListener('click', () => dialog.close());
  document.addEventListener('click', (event) => {
    const image = event.target instanceof Element ? event.target.closest('.map img') : null;
    if (!image || !dialog.showModal) return;
    picture.src = image.src;
    picture.alt = image.alt;
    dialog.showModal();
  });
  document.addEventListener('change', (event) => {
    const day = event.target.dataset && event.target.dataset.day;
    if (!day) return;
    const top = event.target.getBoundingClientRect().top;
    for (const input of document.querySelectorAll('input[data-day="' + day + '"]')) input.checked = true;
    window.scrollBy({ top: event.target.getBoundingClientRect().top - top, behavior: 'instant' });
  });
})();
`;

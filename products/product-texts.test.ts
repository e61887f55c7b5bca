// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { it } from 'node:test';

import { withoutFolders } from './product-texts.js';

it('paths become names, wherever they stand', () => {
  const told = {
    reasons: ['/data/cams/ENS_ANALYSIS.nc: 2 hours are missing', 'parameter source.path: "/a/b/c" -> "/d/e/f"'],
    inner: { path: '/home/user/dem.tif', uri: 'file:///srv/x/y.nc' },
  };
  assert.deepEqual(withoutFolders(told), {
    reasons: ['ENS_ANALYSIS.nc: 2 hours are missing', 'parameter source.path: "c" -> "f"'],
    inner: { path: 'dem.tif', uri: 'y.nc' },
  });
});

it('known folders go, whatever characters they hold', () => {
  const folders = ['/data/my files (new)', '/data/my files (new)/sub, one'];
  assert.equal(withoutFolders('"/data/my files (new)/sub, one/x.nc" is late', folders), '"x.nc" is late');
});

it('addresses, units, dates and relative paths stay', () => {
  for (const text of [
    'https://ads.atmosphere.copernicus.eu/a/b',
    'ug/m3',
    '1/2/2026',
    'maps/pm10/mean.png',
    'a / b / c',
    '/',
  ]) {
    assert.equal(withoutFolders(text), text);
  }
  const bytes = Float64Array.of(1, 2);
  assert.equal(withoutFolders({ bytes }).bytes, bytes);
});

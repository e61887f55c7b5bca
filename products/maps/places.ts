// SPDX-License-Identifier: Apache-2.0
/**
 * Towns that orient a reader of a map of Europe: name, latitude, longitude (degrees), rank (1 is drawn first).
 * Coordinates are rounded to 0.01 degree, well below the width of the dot.
 */
export interface Place {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly rank: 1 | 2 | 3;
}

type Row = readonly [name: string, latitude: number, longitude: number, rank: 1 | 2 | 3];

// prettier-ignore
const ROWS: readonly Row[] = [
  ['Amsterdam', 52.37, 4.9, 1], ['Andorra la Vella', 42.51, 1.52, 2], ['Ankara', 39.93, 32.86, 1], ['Antwerp', 51.22, 4.4, 2],
  ['Athens', 37.98, 23.73, 1], ['Barcelona', 41.39, 2.17, 1], ['Bari', 41.12, 16.87, 2], ['Basel', 47.56, 7.59, 2],
  ['Belfast', 54.6, -5.93, 1], ['Belgrade', 44.82, 20.46, 1], ['Bergen', 60.39, 5.32, 2], ['Berlin', 52.52, 13.4, 1],
  ['Bern', 46.95, 7.45, 1], ['Bilbao', 43.26, -2.93, 2], ['Birmingham', 52.48, -1.9, 2], ['Bologna', 44.49, 11.34, 1],
  ['Bordeaux', 44.84, -0.58, 2], ['Bratislava', 48.15, 17.11, 1], ['Bremen', 53.08, 8.8, 2], ['Brno', 49.2, 16.61, 2],
  ['Brussels', 50.85, 4.35, 1], ['Bucharest', 44.43, 26.1, 1], ['Budapest', 47.5, 19.04, 1], ['Cagliari', 39.22, 9.12, 2],
  ['Cardiff', 51.48, -3.18, 2], ['Catania', 37.5, 15.09, 2], ['Chișinău', 47.01, 28.86, 1], ['Cluj-Napoca', 46.77, 23.6, 2],
  ['Cologne', 50.94, 6.96, 1], ['Copenhagen', 55.68, 12.57, 1], ['Cork', 51.9, -8.47, 1], ['Dresden', 51.05, 13.74, 2],
  ['Dublin', 53.35, -6.26, 1], ['Düsseldorf', 51.23, 6.77, 2], ['Edinburgh', 55.95, -3.19, 1], ['Florence', 43.77, 11.26, 1],
  ['Frankfurt', 50.11, 8.68, 1], ['Galway', 53.27, -9.05, 2], ['Gdańsk', 54.35, 18.65, 2], ['Geneva', 46.2, 6.15, 1],
  ['Genoa', 44.41, 8.93, 1], ['Glasgow', 55.86, -4.25, 2], ['Gothenburg', 57.71, 11.97, 2], ['Graz', 47.07, 15.44, 2],
  ['Hamburg', 53.55, 9.99, 1], ['Hannover', 52.37, 9.73, 2], ['Helsinki', 60.17, 24.94, 1], ['Innsbruck', 47.27, 11.39, 2],
  ['Istanbul', 41.01, 28.98, 1], ['İzmir', 38.42, 27.14, 2], ['Katowice', 50.26, 19.02, 2], ['Kraków', 50.06, 19.94, 1],
  ['Kyiv', 50.45, 30.52, 1], ['Leeds', 53.8, -1.55, 2], ['Leipzig', 51.34, 12.37, 2], ['Lille', 50.63, 3.07, 2],
  ['Limerick', 52.66, -8.63, 2], ['Lisbon', 38.72, -9.14, 1], ['Liverpool', 53.41, -2.98, 2], ['Ljubljana', 46.06, 14.51, 1],
  ['London', 51.51, -0.13, 1], ['Luxembourg', 49.61, 6.13, 1], ['Lviv', 49.84, 24.03, 2], ['Lyon', 45.76, 4.84, 1],
  ['Łódź', 51.76, 19.46, 2], ['Madrid', 40.42, -3.7, 1], ['Málaga', 36.72, -4.42, 2], ['Malmö', 55.6, 13, 2],
  ['Manchester', 53.48, -2.24, 1], ['Marseille', 43.3, 5.37, 1], ['Milan', 45.46, 9.19, 1], ['Minsk', 53.9, 27.57, 1],
  ['Montpellier', 43.61, 3.88, 2], ['Munich', 48.14, 11.58, 1], ['Nantes', 47.22, -1.55, 2], ['Naples', 40.85, 14.27, 1],
  ['Newcastle', 54.98, -1.61, 2], ['Nice', 43.7, 7.27, 2], ['Nicosia', 35.17, 33.36, 1], ['Nuremberg', 49.45, 11.08, 2],
  ['Odesa', 46.48, 30.73, 2], ['Oslo', 59.91, 10.75, 1], ['Ostrava', 49.82, 18.26, 2], ['Palermo', 38.12, 13.36, 1],
  ['Paris', 48.86, 2.35, 1], ['Podgorica', 42.44, 19.26, 1], ['Porto', 41.15, -8.61, 1], ['Poznań', 52.41, 16.93, 2],
  ['Prague', 50.08, 14.44, 1], ['Pristina', 42.66, 21.17, 1], ['Reykjavík', 64.15, -21.94, 1], ['Riga', 56.95, 24.11, 1],
  ['Rome', 41.9, 12.5, 1], ['Rotterdam', 51.92, 4.48, 2], ['Salzburg', 47.81, 13.04, 2], ['Sarajevo', 43.86, 18.41, 1],
  ['Seville', 37.39, -5.98, 2], ['Skopje', 41.99, 21.43, 1], ['Sofia', 42.7, 23.32, 1], ['Stockholm', 59.33, 18.07, 1],
  ['Strasbourg', 48.57, 7.75, 2], ['Stuttgart', 48.78, 9.18, 1], ['Tallinn', 59.44, 24.75, 1], ['Thessaloniki', 40.64, 22.94, 1],
  ['Timișoara', 45.75, 21.23, 2], ['Tirana', 41.33, 19.82, 1], ['Toulouse', 43.6, 1.44, 1], ['Trieste', 45.65, 13.77, 2],
  ['Turin', 45.07, 7.69, 1], ['Valencia', 39.47, -0.38, 1], ['Valletta', 35.9, 14.51, 1], ['Venice', 45.44, 12.32, 1],
  ['Vienna', 48.21, 16.37, 1], ['Vilnius', 54.69, 25.28, 1], ['Warsaw', 52.23, 21.01, 1], ['Wrocław', 51.11, 17.03, 2],
  ['Zagreb', 45.81, 15.98, 1], ['Zaragoza', 41.65, -0.89, 2], ['Zürich', 47.38, 8.54, 1],
  // Closer grain where domains are likely to be small.
  ['Alessandria', 44.91, 8.61, 3], ['Ancona', 43.62, 13.52, 2], ['Aosta', 45.74, 7.32, 3], ['Asti', 44.9, 8.21, 3],
  ['Bergamo', 45.7, 9.67, 2], ['Bolzano', 46.5, 11.35, 2], ['Brescia', 45.54, 10.22, 2], ['Como', 45.81, 9.08, 3],
  ['Cremona', 45.13, 10.02, 2], ['Cuneo', 44.39, 7.55, 3], ['Ferrara', 44.84, 11.62, 2], ['Lecco', 45.86, 9.39, 3],
  ['Lodi', 45.31, 9.5, 3], ['Lugano', 46, 8.95, 3], ['Mantua', 45.16, 10.79, 2], ['Modena', 44.65, 10.93, 2],
  ['Monza', 45.58, 9.27, 3], ['Novara', 45.45, 8.62, 3], ['Padua', 45.41, 11.88, 2], ['Parma', 44.8, 10.33, 2],
  ['Pavia', 45.19, 9.16, 2], ['Perugia', 43.11, 12.39, 2], ['Pescara', 42.46, 14.21, 2], ['Piacenza', 45.05, 9.69, 2],
  ['Pisa', 43.72, 10.4, 2], ['Ravenna', 44.42, 12.2, 2], ['Reggio Emilia', 44.7, 10.63, 3], ['Rimini', 44.06, 12.57, 3],
  ['Sondrio', 46.17, 9.87, 3], ['Trento', 46.07, 11.12, 2], ['Treviso', 45.67, 12.24, 3], ['Udine', 46.06, 13.24, 2],
  ['Varese', 45.82, 8.83, 3], ['Vercelli', 45.32, 8.42, 3], ['Verona', 45.44, 10.99, 1], ['Vicenza', 45.55, 11.55, 3],
  ['Athlone', 53.42, -7.94, 3], ['Derry', 55, -7.31, 2], ['Donegal', 54.65, -8.11, 3], ['Kilkenny', 52.65, -7.25, 3],
  ['Sligo', 54.27, -8.47, 2], ['Tralee', 52.27, -9.7, 3], ['Waterford', 52.26, -7.11, 2], ['Wexford', 52.34, -6.46, 3],
  ['Aachen', 50.78, 6.08, 3], ['Augsburg', 48.37, 10.9, 3], ['Bonn', 50.74, 7.1, 3], ['Bristol', 51.45, -2.59, 2],
  ['Clermont-Ferrand', 45.78, 3.08, 3], ['Córdoba', 37.88, -4.78, 3], ['Debrecen', 47.53, 21.63, 3], ['Dijon', 47.32, 5.04, 3],
  ['Eindhoven', 51.44, 5.47, 3], ['Erfurt', 50.98, 11.03, 3], ['Freiburg', 48, 7.85, 3], ['Ghent', 51.05, 3.72, 3],
  ['Granada', 37.18, -3.6, 3], ['Grenoble', 45.19, 5.72, 2], ['Groningen', 53.22, 6.57, 3], ['Košice', 48.72, 21.26, 3],
  ['Liège', 50.63, 5.57, 3], ['Linz', 48.31, 14.29, 3], ['Lublin', 51.25, 22.57, 3], ['Maribor', 46.55, 15.65, 3],
  ['Metz', 49.12, 6.18, 3], ['Murcia', 37.99, -1.13, 3], ['Niš', 43.32, 21.9, 3], ['Oxford', 51.75, -1.26, 3],
  ['Palma', 39.57, 2.65, 2], ['Patras', 38.25, 21.73, 3], ['Plovdiv', 42.14, 24.75, 3], ['Plzeň', 49.75, 13.38, 3],
  ['Rennes', 48.11, -1.68, 2], ['Rijeka', 45.33, 14.44, 3], ['Rouen', 49.44, 1.1, 3], ['Sheffield', 53.38, -1.47, 3],
  ['Split', 43.51, 16.44, 2], ['Szczecin', 53.43, 14.55, 3], ['Szeged', 46.25, 20.15, 3], ['Taranto', 40.47, 17.24, 3],
  ['Utrecht', 52.09, 5.12, 3], ['Valladolid', 41.65, -4.72, 3], ['Varna', 43.21, 27.91, 3], ['Vigo', 42.24, -8.72, 3],
];

/** Places inside a box, most important first. */
export function placesWithin(bounds: { north: number; west: number; south: number; east: number }): Place[] {
  return ROWS.filter(
    ([, latitude, longitude]) =>
      latitude < bounds.north && latitude > bounds.south && longitude > bounds.west && longitude < bounds.east,
  )
    .map(([name, latitude, longitude, rank]) => ({ name, latitude, longitude, rank }))
    .sort((a, b) => a.rank - b.rank);
}

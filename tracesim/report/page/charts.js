// Drawings of curves.
"use strict";

/** Return "M x y L x y ..." through points; a point without a number interrupts the line. */
function linePath(points) {
  let text = "";
  let isDown = false;
  for (const [x, y] of points) {
    if (x === null || y === null || Number.isNaN(y)) {
      isDown = false;
      continue;
    }
    text += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isDown = true;
  }
  return text;
}

/** Return the path of an area between two rows of points. */
function areaPath(upper, lower) {
  return `${linePath(upper)}L${linePath([...lower].reverse()).slice(1)}Z`;
}

/**
 * Return a chart of rates against a number, a line with its band for each series.
 * @param {{name: string, points: [number, Rate][]}[]} series The series, each point a value and a rate.
 * @param {string} label What the values are.
 */
function rateChart(series, label) {
  const [width, height, left, right, top, bottom] = [720, 300, 44, 16, 12, 40];
  const values = [...new Set(series.flatMap((one) => one.points.map(([value]) => value)))].sort((a, b) => a - b);
  const [low, high] = [values[0], values.at(-1)];
  const x = (value) => left + ((width - left - right) * (value - low)) / (high - low || 1);
  const y = (share) => top + (height - top - bottom) * (1 - share);
  const chart = drawn("svg.chart", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Success against ${label}` });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    chart.append(
      drawn("line.grid", { x1: left, x2: width - right, y1: y(share), y2: y(share) }),
      drawn("text", { x: left - 8, y: y(share) + 4, "text-anchor": "end" }, percent(share)),
    );
  }
  for (const value of values) chart.append(drawn("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, String(value)));
  chart.append(drawn("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, label));
  series.forEach((one, number) => {
    const style = `--series: var(--series-${number % 6})`;
    const ends = (end) => one.points.map(([value, rate]) => [x(value), y(rate.interval[end])]);
    chart.append(
      drawn("path.band", { d: areaPath(ends(1), ends(0)), style }),
      drawn("path.series", { d: linePath(one.points.map(([value, rate]) => [x(value), y(rate.share)])), style }),
      ...one.points.map(([value, rate]) => drawn("circle.mark", { cx: x(value), cy: y(rate.share), r: 3.5, style }, drawn("title", {}, `${one.name}, ${value}: ${rate}`))),
    );
  });
  const legend = element("ul.legend", {}, series.map((one, number) => element("li", {}, element("span.dot", { style: `background: var(--series-${number % 6})` }), one.name)));
  return element("figure", {}, legend, chart);
}

// Intervals and tests of what the reader selects; a test compares them with `tracesim.statistics`.
"use strict";

const TAIL = 0.025; // of an interval of 95%, on each side
const known = new Map();

/** Return the exact interval of a rate (Clopper and Pearson 1934): its lower and its upper end. */
function rateInterval(count, n) {
  const key = `${count}/${n}`;
  if (!known.has(key)) {
    const low = count > 0 ? betaQuantile(TAIL, count, n - count + 1) : 0;
    const high = count < n ? betaQuantile(1 - TAIL, count + 1, n - count) : 1;
    known.set(key, [low, high]);
  }
  return known.get(key);
}

/**
 * Return the interval of the difference between two rates on the same seeds.
 * Newcombe 1998, Statistics in Medicine 17, 2635-2650, method 10, with exact limits.
 * @param {number} both Pairs of which both succeed.
 * @param {number} first Pairs of which only the first succeeds.
 * @param {number} second Pairs of which only the second succeeds.
 * @param {number} neither Pairs of which both fail.
 */
function pairedDifference(both, first, second, neither) {
  const n = both + first + second + neither;
  const [one, other] = [both + first, both + second];
  const [oneLow, oneHigh] = rateInterval(one, n);
  const [otherLow, otherHigh] = rateInterval(other, n);
  const product = both * neither - first * second;
  const scale = Math.sqrt(one * (n - one)) * Math.sqrt(other * (n - other));
  const correlation = scale === 0 ? 0 : (product > 0 ? Math.max(product - n / 2, 0) : product) / scale;
  const length = (a, b) => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  const difference = (one - other) / n;
  return [
    Math.max(-1, difference - length(one / n - oneLow, otherHigh - other / n)),
    Math.min(1, difference + length(oneHigh - one / n, other / n - otherLow)),
  ];
}

/** Return the p-value of McNemar's exact test: 1 without discordant pairs. */
function mcnemar(first, second) {
  const n = first + second;
  if (n === 0 || first === second) return 1;
  return Math.min(1, 2 * incompleteBeta(0.5, Math.max(first, second), Math.min(first, second) + 1));
}

/** Return the value below which a share of a beta distribution lies. */
function betaQuantile(share, a, b) {
  let [low, high] = [0, 1];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Return the regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8). */
function incompleteBeta(x, a, b) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  // Lentz's method
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return front * fraction;
}

/** Return the logarithm of the gamma function, by Stirling's series beyond 10. */
function logGamma(x) {
  let [shift, at] = [0, x];
  for (; at < 10; at += 1) shift -= Math.log(at);
  const inverse = 1 / (at * at);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / at;
  return shift + (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series;
}

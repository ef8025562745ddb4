// Rates of success over some episodes, and how they look.
"use strict";

const NOT_JUDGED = new Set(["arrangement", "infrastructure"]);

/** Counts of successes and of trials. */
class Rate {
  constructor(count = 0, n = 0) {
    this.count = count;
    this.n = n;
  }

  add(success) {
    this.count += success ? 1 : 0;
    this.n += 1;
  }

  get share() {
    return this.n ? this.count / this.n : null;
  }

  get interval() {
    return rateInterval(this.count, this.n);
  }

  toString() {
    return this.n ? `${this.count} of ${this.n}, 95% interval ${percentInterval(this.interval)}` : "no episodes";
  }
}

/** Return whether an episode says something about its policy. */
function isJudged(index, episode) {
  const stage = index.columns.stage[episode];
  return stage === SUCCESS || !NOT_JUDGED.has(index.stages[stage]);
}

/** Return the rates of success of groups of episodes; `key` returns the group of an episode. */
function successRates(index, episodes, key) {
  const rates = new Map();
  for (const episode of episodes) {
    if (!isJudged(index, episode)) continue;
    const group = key(episode);
    if (!rates.has(group)) rates.set(group, new Rate());
    rates.get(group).add(index.columns.stage[episode] === SUCCESS);
  }
  return rates;
}

/** Return a bar from 0 to 100% with the interval of a rate, and a tick at the rate. */
function intervalBar(rate) {
  const bar = element("span.bar", { "aria-hidden": "true" });
  if (rate.n) {
    const [low, high] = rate.interval;
    bar.append(
      element("span.interval", { style: `left: ${100 * low}%; width: ${100 * (high - low)}%` }),
      element("span.tick", { style: `left: ${100 * rate.share}%` }),
    );
  }
  return bar;
}

/** Return a rate as its number above its bar. */
function rateFigure(rate) {
  return element("span.rate", { title: String(rate) }, element("span.number", {}, percent(rate.share)), intervalBar(rate));
}

/**
 * Return a table of rates with a name for each row and column.
 * @param {string} corner What the rows are.
 * @param {string[]} rows Names of the rows.
 * @param {string[]} columns Names of the columns.
 * @param {function(number, number): Rate|undefined} rateAt Returns the rate of a cell.
 * @param {function(number, number)} choose Called when a cell is chosen.
 */
function rateTable(corner, rows, columns, rateAt, choose) {
  const cell = (row, column) => {
    const rate = rateAt(row, column);
    if (!rate?.n) return element("td.empty", {}, "–");
    const label = `${rows[row]}, ${columns[column]}: ${rate}`;
    const button = element("button.cell", { type: "button", "aria-label": label, click: () => choose(row, column) }, rateFigure(rate));
    return element("td", {}, button);
  };
  const table = element(
    "table.rates",
    {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, corner), columns.map((one) => element("th", { scope: "col" }, one)))),
    element("tbody", {}, rows.map((name, row) => element("tr", {}, element("th", { scope: "row" }, words(name)), columns.map((_, column) => cell(row, column))))),
  );
  moveByArrows(table);
  return table;
}

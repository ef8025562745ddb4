// Success against an option that varies between runs, such as noise on the pixels.
"use strict";

let shownFactor = null;

/** Return the factors that are numbers and have several values in some policy. */
function numericFactors(index) {
  return index.factors.filter((key) => {
    const values = index.entries.map((entry) => entry.distinct[key]).filter((value) => value !== undefined);
    return values.every((value) => typeof value === "number") && new Set(values).size > 1;
  });
}

function drawFactors(index, episodes) {
  const offered = numericFactors(index);
  for (const one of [byId("factors"), document.querySelector('nav a[href="#factors"]')]) one.hidden = !offered.length;
  if (!offered.length) return;
  shownFactor ??= offered[0];
  const rates = successRates(index, episodes, (episode) => index.columns.entry[episode]);
  const series = new Map(); // name of a series -> points
  for (const [entry, rate] of rates) {
    const { policy, distinct } = index.entries[entry];
    if (distinct[shownFactor] === undefined) continue;
    const others = Object.entries(distinct).filter(([key]) => key !== shownFactor);
    const name = [policy, ...others.map(([key, value]) => `${factorName(key)}=${textOf(value)}`)].join(" ");
    if (!series.has(name)) series.set(name, []);
    series.get(name).push([distinct[shownFactor], rate]);
  }
  for (const points of series.values()) points.sort(([one], [other]) => one - other);
  const choice = select("Factor", offered.map((key) => [key, factorName(key)]), shownFactor, (key) => {
    shownFactor = key;
    drawFactors(index, episodes);
  });
  const named = [...series].map(([name, points]) => ({ name, points }));
  byId("curves").replaceChildren(
    element("div.controls", {}, choice),
    named.length ? rateChart(named, factorName(shownFactor)) : element("p", {}, "No episodes."),
  );
}

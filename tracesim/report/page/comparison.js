// Two policies on the episodes that both have played.
"use strict";

let compared = [0, 1];

function drawComparison(index, episodes) {
  const target = byId("pair");
  if (index.entries.length < 2) {
    target.replaceChildren(element("p", {}, "There is one policy only."));
    return;
  }
  const options = index.entries.map((one, number) => [String(number), one.label]);
  const choose = (side) =>
    select(side ? "Second policy" : "First policy", options, String(compared[side]), (value) => {
      compared[side] = Number(value);
      drawComparison(index, episodes);
    });
  const pairs = pairsOf(index, episodes, ...compared);
  target.replaceChildren(
    element("div.controls", {}, choose(0), element("span", {}, "against"), choose(1)),
    pairs.length ? element("div", {}, verdictOf(index, pairs), byTask(index, pairs), differing(index, pairs)) : element("p", {}, "They share no judged episode of the selection."),
  );
}

/** Return pairs of episodes of one task and seed, played by each of two policies. */
function pairsOf(index, episodes, first, second) {
  const { task, seed, entry } = index.columns;
  const key = (episode) => seed[episode] * index.tasks.length + task[episode];
  const judged = (wanted) => episodes.filter((episode) => entry[episode] === wanted && isJudged(index, episode));
  const played = new Map(judged(second).map((episode) => [key(episode), episode]));
  return judged(first).filter((episode) => played.has(key(episode))).map((episode) => [episode, played.get(key(episode))]);
}

/** Return how many pairs both, the first alone, the second alone, and neither succeed in. */
function outcomesOf(index, pairs) {
  const outcomes = [0, 0, 0, 0];
  for (const [one, other] of pairs) {
    const [first, second] = [one, other].map((episode) => index.columns.stage[episode] === SUCCESS);
    outcomes[first && second ? 0 : first ? 1 : second ? 2 : 3] += 1;
  }
  return outcomes;
}

function verdictOf(index, pairs) {
  const [both, first, second, neither] = outcomesOf(index, pairs);
  const [low, high] = pairedDifference(both, first, second, neither);
  const [one, other] = compared.map((entry) => index.entries[entry].label);
  const difference = (first - second) / pairs.length;
  const verdict = low > 0 ? `${one} is better.` : high < 0 ? `${other} is better.` : "Inconclusive: the interval contains 0.";
  const figures = [
    [`${one}`, percent((both + first) / pairs.length, 1)],
    [`${other}`, percent((both + second) / pairs.length, 1)],
    ["Difference, in percentage points", `${points(difference)} [${points(low)}, ${points(high)}]`],
    ["Exact McNemar test", pValue(mcnemar(first, second))],
    ["Both succeed, only the first, only the second, neither", `${both}, ${first}, ${second}, ${neither}`],
    ["Pairs", count(pairs.length)],
    ["Smallest difference that so many pairs show in 80% of cases", visible(index, pairs.length)],
  ];
  return element("div", {}, element("p.verdict", {}, verdict), element("dl.figures", {}, figures.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
}

function pValue(p) {
  return p < 0.0001 ? "p < 0.0001" : `p = ${p.toPrecision(2)}`;
}

/** Return the smallest difference that a number of pairs shows, of two policies that succeed about half of the time. */
function visible(index, pairs) {
  const found = index.visible.findLast(([n]) => n <= pairs);
  return found ? `${points(found[1])} points` : "none: they are too few";
}

/** Return the difference on each task, with its interval, on one axis from -100 to +100 points. */
function byTask(index, pairs) {
  const tasks = new Map();
  for (const pair of pairs) {
    const task = index.columns.task[pair[0]];
    if (!tasks.has(task)) tasks.set(task, []);
    tasks.get(task).push(pair);
  }
  const row = ([task, own]) => {
    const [both, first, second, neither] = outcomesOf(index, own);
    const [low, high] = pairedDifference(both, first, second, neither);
    const difference = (first - second) / own.length;
    const at = (value) => 50 + 50 * value;
    const side = low > 0 ? "first" : high < 0 ? "second" : "neither";
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, words(index.tasks[task])),
      element("td", {}, element(`span.difference.${side}`, {}, element("span.zero"), element("span.interval", { style: `left: ${at(low)}%; width: ${50 * (high - low)}%` }), element("span.tick", { style: `left: ${at(difference)}%` }))),
      element("td", {}, points(difference)),
      element("td.quiet", {}, `${points(low)} to ${points(high)}`),
      element("td", {}, count(own.length)),
    );
  };
  const headings = ["Task", "Second better ← 0 → first better", "Difference", "95% interval", "Pairs"];
  const sorted = [...tasks].sort(([one], [other]) => one - other);
  return element("div.scroll", {}, element("table.differences", {}, element("thead", {}, element("tr", {}, headings.map((one) => element("th", { scope: "col" }, one)))), element("tbody", {}, sorted.map(row))));
}

/** Return links to the seeds in which one succeeds and the other fails. */
function differing(index, pairs) {
  const { stage, task, seed } = index.columns;
  const unequal = pairs.filter(([one, other]) => (stage[one] === SUCCESS) !== (stage[other] === SUCCESS));
  const link = ([one, other]) =>
    element("li", {}, element("a", { href: `films.html#${one},${other}` }, `${words(index.tasks[task[one]])} ${seed[one]}`), ` ${stage[one] === SUCCESS ? "first" : "second"}`);
  const shown = unequal.slice(0, 60);
  const rest = unequal.length > shown.length ? element("p.quiet", {}, `and ${plural(unequal.length - shown.length, "other")}; filter by task to see them.`) : null;
  return element("details", { open: unequal.length <= 12 }, element("summary", {}, `${plural(unequal.length, "seed")} in which one succeeds, side by side`), element("ul.links", {}, shown.map(link)), rest);
}

// The leaderboard: one row for each policy, the most successful first.
"use strict";

function drawLeaderboard(index, episodes) {
  const { columns } = index;
  const rows = new Map();
  for (const episode of episodes) {
    const entry = columns.entry[episode];
    if (!rows.has(entry)) rows.set(entry, { entry, success: new Rate(), answer: new Rate(), goal: new Rate(), path: new Rate(), deviations: [], tasks: new Set(), unjudged: 0 });
    const row = rows.get(entry);
    if (!isJudged(index, episode)) {
      row.unjudged += 1;
      continue;
    }
    row.success.add(columns.stage[episode] === SUCCESS);
    if (columns.predicted[episode] !== null) row.answer.add(columns.predicted[episode]);
    row.goal.add(columns.goal[episode]);
    row.path.add(columns.path[episode]);
    row.tasks.add(columns.task[episode]);
    if (columns.deviation[episode] !== null) row.deviations.push(columns.deviation[episode]);
  }
  const ranked = [...rows.values()].sort((one, other) => (other.success.share ?? -1) - (one.success.share ?? -1));
  const headings = ["Policy", "Success", "95% interval", "Episodes", "Tasks", "Answer", "Goal", "Path", "Greatest deviation, median"];
  byId("leaderboard").replaceChildren(
    element(
      "table.leaderboard",
      {},
      element("thead", {}, element("tr", {}, headings.map((one) => element("th", { scope: "col" }, one)))),
      element("tbody", {}, ranked.map((row) => leaderboardRow(index, row))),
    ),
  );
}

function leaderboardRow(index, row) {
  const deviation = median(row.deviations);
  const unjudged = row.unjudged ? element("span.quiet", {}, ` + ${row.unjudged} not judged`) : null;
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, entryName(index, row.entry)),
    element("td.wide", { title: String(row.success) }, element("span.number.strong", {}, percent(row.success.share, 1)), intervalBar(row.success)),
    element("td.quiet", {}, row.success.n ? percentInterval(row.success.interval) : "–"),
    element("td", {}, count(row.success.n), unjudged),
    element("td", {}, count(row.tasks.size)),
    ...[row.answer, row.goal, row.path].map((rate) => element("td", {}, rateFigure(rate))),
    element("td", {}, deviation === null ? "–" : `${(1000 * deviation).toFixed(1)} mm`),
  );
}

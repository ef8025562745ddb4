// The anatomy of failures: by stage, and by constraint.
"use strict";

function drawStages(index, episodes, filters) {
  const { columns } = index;
  const counts = new Map(); // entry -> episodes by stage, successes last
  for (const episode of episodes) {
    const entry = columns.entry[episode];
    if (!counts.has(entry)) counts.set(entry, new Array(index.stages.length + 1).fill(0));
    const stage = columns.stage[episode];
    counts.get(entry)[stage === SUCCESS ? index.stages.length : stage] += 1;
  }
  const entries = [...counts.keys()].sort((one, other) => one - other);
  const names = [...index.stages, "success"];
  const shown = names.filter((_, stage) => entries.some((entry) => counts.get(entry)[stage]));
  byId("stages").replaceChildren(
    element("ul.legend", {}, shown.map((name) => element("li", {}, stageDot(name), name))),
    element(
      "div.stacks",
      {},
      entries.map((entry) => stack(entryName(index, entry), counts.get(entry), names, (stage) => {
        filters.choose({ policy: [entry], outcome: [(stage + 1) % names.length] });
        byId("episodes").scrollIntoView();
      })),
    ),
  );
}

/** Return a row of a policy's episodes by stage, successes first; a part leads to its episodes. */
function stack(name, numbers, names, choose) {
  const label = name.textContent;
  const total = numbers.reduce((sum, number) => sum + number, 0);
  const order = [names.length - 1, ...names.keys()].slice(0, names.length);
  const part = (stage) => {
    const share = numbers[stage] / total;
    const said = `${label}, ${names[stage]}: ${numbers[stage]} of ${total}, ${percent(share, 1)}`;
    const style = `flex-grow: ${numbers[stage]}; background: var(--stage-${names[stage]})`;
    return element("button", { type: "button", style, title: said, "aria-label": said, click: () => choose(stage) }, share > 0.06 ? element("span", {}, percent(share)) : null);
  };
  return element("div.stack", {}, element("span.name", {}, name), element("span.parts", {}, order.filter((stage) => numbers[stage]).map(part)));
}

function drawConstraints(index, episodes, filters) {
  const { columns } = index;
  const stride = index.entries.length;
  const rates = new Map();
  for (const episode of episodes) {
    const margins = columns.margins[episode];
    for (let at = 0; at < margins.length; at += 2) {
      const key = margins[at] * stride + columns.entry[episode];
      if (!rates.has(key)) rates.set(key, new Rate());
      rates.get(key).add(margins[at + 1] < 0);
    }
  }
  const found = [...new Set([...rates.keys()].map((key) => Math.floor(key / stride)))].sort((one, other) => one - other);
  const ever = found.filter((constraint) => index.entries.some((_, entry) => rates.get(constraint * stride + entry)?.count));
  const entries = [...new Set(episodes.map((episode) => columns.entry[episode]))].sort((one, other) => one - other);
  byId("constraints").replaceChildren(
    ever.length
      ? rateTable(
          "Constraint",
          ever.map((constraint) => index.constraints[constraint].name),
          entries.map((entry) => index.entries[entry].label),
          (row, column) => rates.get(ever[row] * stride + entries[column]),
          (row, column) => {
            filters.choose({ violated: [ever[row]], policy: [entries[column]] });
            byId("episodes").scrollIntoView();
          },
        )
      : element("p", {}, "None."),
  );
}

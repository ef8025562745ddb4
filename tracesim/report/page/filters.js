// Filters that stack: an episode is shown if it passes all of them. The address of the page holds them.
"use strict";

class Filters {
  /**
   * @param {object} index What data/index.js holds.
   * @param {function()} changed Called after every change.
   */
  constructor(index, changed) {
    this.index = index;
    this.changed = changed;
    this.groups = this.makeGroups();
    this.seeds = [null, null];
    this.read();
  }

  /** Return the filters that offer values: each with a name, the values, and what an episode has. */
  makeGroups() {
    const { index } = this;
    const { columns } = index;
    const violated = columns.margins.map((margins) => margins.filter((_, at) => at % 2 === 0 && margins[at + 1] < 0));
    const outcomes = ["success", ...index.stages];
    const factors = index.factors.map((key) => {
      const values = index.entries.map((entry) => textOf(entry.distinct[key]));
      const offered = [...new Set(values.filter((one) => one !== null))].sort(byValue);
      return { key, label: factorName(key), offered, of: (episode) => [offered.indexOf(values[columns.entry[episode]])] };
    });
    const drawn = index.drawn.map(({ key, offered, column }) => {
      return { key: `drawn.${key}`, label: factorName(key), offered, of: (episode) => [column[episode]] };
    });
    const groups = [
      { key: "task", label: "Task", offered: index.tasks.map(words), of: (episode) => [columns.task[episode]] },
      { key: "policy", label: "Policy", offered: index.entries.map((one) => one.label), of: (episode) => [columns.entry[episode]] },
      { key: "outcome", label: "Outcome", offered: outcomes, of: (episode) => [columns.stage[episode] + 1] },
      { key: "violated", label: "Violated", offered: index.constraints.map((one) => words(one.name)), of: (episode) => violated[episode] },
      ...factors,
      ...drawn,
    ];
    return groups.filter((one) => one.offered.length > 1).map((one) => ({ ...one, chosen: new Set() }));
  }

  /** Return the numbers of the episodes that pass. */
  selected() {
    const active = this.groups.filter((one) => one.chosen.size);
    const [from, to] = this.seeds;
    const { seed } = this.index.columns;
    const passing = [];
    for (let episode = 0; episode < seed.length; episode += 1) {
      if (from !== null && seed[episode] < from) continue;
      if (to !== null && seed[episode] > to) continue;
      if (active.every((one) => one.of(episode).some((value) => one.chosen.has(value)))) passing.push(episode);
    }
    return passing;
  }

  /** Choose the given values of some filters, by key, and leave the others as they are. */
  choose(values) {
    for (const group of this.groups) if (group.key in values) group.chosen = new Set(values[group.key]);
    this.update();
  }

  clear() {
    for (const group of this.groups) group.chosen.clear();
    this.seeds = [null, null];
    this.update();
  }

  update() {
    this.write();
    this.draw();
    this.changed();
  }

  /** Read the filters from the address of the page. */
  read() {
    const asked = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
    for (const group of this.groups) {
      const numbers = asked.getAll(group.key).map((value) => group.offered.indexOf(value));
      group.chosen = new Set(numbers.filter((number) => number >= 0));
    }
    this.seeds = ["from", "to"].map((key) => numberOf(asked.get(key)));
  }

  write() {
    const asked = new URLSearchParams();
    for (const group of this.groups) for (const number of group.chosen) asked.append(group.key, group.offered[number]);
    ["from", "to"].forEach((key, end) => this.seeds[end] !== null && asked.set(key, this.seeds[end]));
    const text = String(asked);
    history.replaceState(null, "", text ? `#?${text}` : location.pathname + location.search);
  }

  /** Draw the filters into the form; a list that is open stays open. */
  draw() {
    const form = byId("filters");
    const open = form.querySelector("details[open]")?.dataset.key;
    const focus = document.activeElement?.id;
    const isActive = this.groups.some((one) => one.chosen.size) || this.seeds.some((one) => one !== null);
    form.replaceChildren(
      ...this.groups.map((group) => this.list(group, group.key === open)),
      element("span.seeds", {}, "Seeds ", this.seedBox(0, "from"), " to ", this.seedBox(1, "to")),
      element("button", { type: "button", hidden: !isActive, click: () => this.clear() }, "Clear"),
      element("output", { id: "count" }),
    );
    if (focus) byId(focus)?.focus();
  }

  list(group, isOpen) {
    const chosen = [...group.chosen].map((number) => group.offered[number]);
    const said = chosen.length === 1 ? `${group.label}: ${chosen[0]}` : chosen.length ? `${group.label}: ${chosen.length}` : group.label;
    const box = (text, number) => {
      const toggle = () => {
        if (!group.chosen.delete(number)) group.chosen.add(number);
        this.update();
      };
      const input = element("input", { type: "checkbox", id: `${group.key}-${number}`, checked: group.chosen.has(number), change: toggle });
      return element("label", {}, input, ` ${text}`);
    };
    const list = element(
      "details.filter",
      { "data-key": group.key, open: isOpen },
      element("summary", { class: group.chosen.size ? "active" : null }, said),
      element("div.choices", {}, group.offered.map(box)),
    );
    list.addEventListener("toggle", () => list.open && closeOthers(list));
    return list;
  }

  seedBox(end, name) {
    const change = (event) => {
      this.seeds[end] = numberOf(event.target.value);
      this.update();
    };
    const value = this.seeds[end];
    return element("input", { type: "number", id: `seed-${name}`, value, placeholder: "any", "aria-label": `Seeds ${name}`, change });
  }
}

/** Close a list of filters on a click elsewhere, and on Escape. */
function closeFiltersOutside() {
  const close = () => closeOthers(null);
  document.addEventListener("click", (event) => event.target.closest("details.filter") || close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelector("details.filter[open] summary")?.focus();
    close();
  });
}

function closeOthers(kept) {
  for (const one of document.querySelectorAll("details.filter[open]")) if (one !== kept) one.open = false;
}

/** Return a value of a factor as text, or null if an entry has none. */
function textOf(value) {
  return value === undefined || value === null ? null : typeof value === "object" ? JSON.stringify(value) : String(value);
}

function factorName(key) {
  return words(key.replace(/^(policy|variation|words)\./, "").replace(".", " "));
}

function byValue(one, other) {
  const difference = Number(one) - Number(other);
  return Number.isNaN(difference) ? one.localeCompare(other) : difference;
}

function numberOf(text) {
  return text === null || text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

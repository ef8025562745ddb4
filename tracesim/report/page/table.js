// The table of episodes: sortable, and drawn one page of rows at a time.
"use strict";

const PAGE_ROWS = 50;

class EpisodeTable {
  constructor(index) {
    this.index = index;
    this.sorted = { column: null, isDescending: false };
    this.page = 0;
    const { columns } = index;
    const missingLast = (values) => (episode) => values[episode] ?? Infinity;
    this.columns = [
      { name: "Task", key: (episode) => columns.task[episode], cell: (episode) => words(index.tasks[columns.task[episode]]) },
      { name: "Policy", key: (episode) => columns.entry[episode], cell: (episode) => entryName(index, columns.entry[episode]) },
      { name: "Seed", key: (episode) => columns.seed[episode], cell: (episode) => String(columns.seed[episode]) },
      { name: "Outcome", key: (episode) => columns.stage[episode] * 1000 + columns.reason[episode], cell: (episode) => outcome(index, episode) },
      { name: "Smallest relative margin", key: missingLast(columns.nearest), cell: (episode) => relative(columns.nearest[episode]) },
      { name: "Greatest deviation", key: missingLast(columns.deviation), cell: (episode) => (columns.deviation[episode] === null ? "–" : `${(1000 * columns.deviation[episode]).toFixed(1)} mm`) },
      { name: "Shows", key: (episode) => -columns.film[episode] * 2 - columns.scene[episode], cell: (episode) => [columns.film[episode] && "film", columns.scene[episode] && "3D"].filter(Boolean).join(", ") },
    ];
  }

  /** Show some episodes, from the first page on. */
  show(episodes) {
    this.episodes = episodes;
    this.page = 0;
    this.draw();
  }

  sortBy(column) {
    const { sorted } = this;
    sorted.isDescending = sorted.column === column && !sorted.isDescending;
    sorted.column = column;
    this.page = 0;
    this.draw();
    byId("table").querySelectorAll("th button")[this.columns.indexOf(column)].focus();
  }

  ordered() {
    const { column, isDescending } = this.sorted;
    if (!column) return this.episodes;
    const sign = isDescending ? -1 : 1;
    return [...this.episodes].sort((one, other) => {
      const [a, b] = [column.key(one), column.key(other)];
      return a === b ? one - other : sign * (a < b ? -1 : 1);
    });
  }

  draw() {
    const pages = Math.max(1, Math.ceil(this.episodes.length / PAGE_ROWS));
    const shown = this.ordered().slice(this.page * PAGE_ROWS, (this.page + 1) * PAGE_ROWS);
    const heading = (column) => {
      const order = this.sorted.column !== column ? null : this.sorted.isDescending ? "descending" : "ascending";
      return element("th", { scope: "col", "aria-sort": order }, element("button.sort", { type: "button", click: () => this.sortBy(column) }, column.name));
    };
    const row = (episode) =>
      element("tr", {}, this.columns.map((column, number) => element("td", {}, number ? column.cell(episode) : element("a", { href: `episode.html#${episode}` }, column.cell(episode)))));
    const table = element("table.episodes", {}, element("thead", {}, element("tr", {}, this.columns.map(heading))), element("tbody", {}, shown.map(row)));
    moveByArrows(table);
    byId("table").replaceChildren(element("div.scroll", {}, table), this.pager(pages));
  }

  pager(pages) {
    const turn = (to) => () => {
      this.page = to;
      this.draw();
    };
    return element(
      "div.controls.pager",
      {},
      element("button", { type: "button", disabled: this.page === 0, click: turn(this.page - 1) }, "Previous"),
      element("span.quiet", {}, `Page ${this.page + 1} of ${count(pages)}`),
      element("button", { type: "button", disabled: this.page + 1 >= pages, click: turn(this.page + 1) }, "Next"),
    );
  }
}

function relative(value) {
  return value === null ? "–" : value.toFixed(2).replace("-", "−");
}

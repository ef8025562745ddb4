// The sections of the first page: those in view are drawn at once, so that a filter answers, the others when it is idle.
"use strict";

class Sections {
  /** @param {Object<string, function(number[])>} draw By the id of its element, what draws a section of some episodes. */
  constructor(draw) {
    this.draw = draw;
    this.due = null;
  }

  /** Draw all sections; what is still due from an earlier selection is dropped. */
  show(episodes) {
    clearTimeout(this.due);
    document.body.dataset.ready = "false";
    const ids = Object.keys(this.draw);
    const isInView = (id) => {
      const { top, bottom } = byId(id).getBoundingClientRect();
      return bottom >= 0 && top <= innerHeight;
    };
    const inView = ids.filter(isInView);
    for (const id of inView) this.draw[id](episodes);
    this.rest(ids.filter((id) => !inView.includes(id)), episodes);
  }

  /** Draw one section after another, and let the page answer in between. */
  rest([id, ...others], episodes) {
    document.body.dataset.ready = String(id === undefined);
    if (id === undefined) return;
    this.due = setTimeout(() => {
      this.draw[id](episodes);
      this.rest(others, episodes);
    });
  }
}

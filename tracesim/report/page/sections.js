// The sections of the first page: those in view are drawn at once, so that a filter answers, the others when it is idle.
"use strict";

const AT_ONCE_MS = 50; // for which sections in view are drawn before the page answers

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
    const ordered = [...ids.filter(isInView), ...ids.filter((id) => !isInView(id))];
    const begun = performance.now();
    while (ordered.length && isInView(ordered[0]) && performance.now() - begun < AT_ONCE_MS) {
      this.draw[ordered.shift()](episodes);
    }
    this.rest(ordered, episodes);
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

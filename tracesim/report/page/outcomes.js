// Who played an episode, and how it ended.
"use strict";

const SUCCESS = -1; // the stage of an episode that did not fail

/** Return a mark in the colour of a stage; its colour is the same in every report. */
function stageDot(name) {
  return element("span.dot", { style: `background: var(--stage-${name})`, "aria-hidden": "true" });
}

/** Return the name of an entry: its policy, and the options that distinguish it. */
function entryName(index, entry) {
  const { policy, label } = index.entries[entry];
  return element("span.entry", {}, policy, element("span.quiet", {}, label.slice(policy.length)));
}

/** Return how an episode ended: a mark, the stage and the reason. */
function outcome(index, episode) {
  const { stage, reason } = index.columns;
  const name = stage[episode] === SUCCESS ? "success" : index.stages[stage[episode]];
  const why = stage[episode] === SUCCESS ? "" : `: ${words(index.reasons[reason[episode]])}`;
  return element("span.outcome", {}, stageDot(name), name, element("span.quiet", {}, why));
}

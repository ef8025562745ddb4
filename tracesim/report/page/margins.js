// Margins over time against their threshold, which is 0, above each other on one axis of time.
"use strict";

const WIDTH = 1000;
const HEIGHT = 44;

/** Draw the margins of an episode; `scene` is null where its curves are not in the report. */
function drawMargins(index, detail, scene, clock) {
  const shown = new Map(index.constraints.map((one) => [one.name, one]));
  const rows = detail.constraints.map((one) => marginRow(one, shown.get(one.name)?.scale ?? 0.05, scene, clock));
  const head = element(
    "div.margin.head",
    {},
    element("span", {}, "Constraint"),
    element("span.number", {}, "Answer"),
    scene ? timeline(scene, clock) : element("span.plot"),
    element("span.number", {}, scene ? "Then" : ""),
    element("span.number", {}, "Executed"),
  );
  const panel = element("div.margins", {}, head, rows);
  if (scene) {
    panel.append(cursor(clock));
    seekable(panel, clock);
  }
  byId("margins").replaceChildren(panel, scene ? eventList(scene, clock) : "");
  byId("margins-text").textContent = scene
    ? "Answer: the trace as answered, followed exactly. The plot: what the margin would be if the episode ended there; on the dashed line a constraint just holds, below it is violated. Choose a time in it to see the film and the scene then."
    : detail.constraints.length
      ? "A margin of 0 or more holds. The curves of this episode are not in the report; scenes=all adds those of all episodes."
      : "The episode ended before anything was judged.";
}

function marginRow(constraint, scale, scene, clock) {
  const values = scene?.margins[constraint.name];
  const then = element("span.number");
  if (values) {
    clock.follow((time) => {
      const value = values[indexAt(scene.margin_times, time)];
      then.textContent = quantity(value, constraint.unit);
      then.className = `number then ${sign(value)}`;
    });
  }
  const figure = (value) => element(`span.number.${sign(value)}`, {}, quantity(value, constraint.unit));
  const fields = Object.entries(constraint.fields).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join("\n");
  return element(
    "div.margin",
    {},
    element("span.name", { title: `${constraint.kind}\n${fields}` }, words(constraint.name), element("span.quiet", {}, constraint.final ? " at the end" : "")),
    figure(constraint.predicted),
    values ? marginPlot(scene.margin_times, values, scale, clock.end) : element("span.plot"),
    then,
    figure(constraint.margin),
  );
}

function sign(value) {
  return value === null || value === undefined ? "none" : value < 0 ? "violated" : "held";
}

function marginPlot(times, values, scale, end) {
  const known = values.filter((value) => value !== null).map(Math.abs);
  const range = Math.min(scale, Math.max(scale / 20, ...known));
  const x = (time) => (WIDTH * time) / (end || 1);
  const y = (value) => (HEIGHT / 2) * (1 - (0.92 * Math.max(-range, Math.min(range, value))) / range);
  const pointsOf = (change) => values.map((value, at) => [x(times[at]), value === null ? null : y(change(value))]);
  const zero = values.map((value, at) => [x(times[at]), value === null ? null : HEIGHT / 2]);
  const part = (name, change) => drawn(`path.${name}`, { d: known.length ? areaPath(pointsOf(change), zero) : "" });
  return drawn(
    "svg.plot",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    part("held", (value) => Math.max(value, 0)),
    part("violated", (value) => Math.min(value, 0)),
    drawn("line.threshold", { x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 }),
    drawn("path.line", { d: linePath(pointsOf((value) => value)) }),
  );
}

/** Return the axis of time: what the robot does, and what happened. */
function timeline(scene, clock) {
  const share = (time) => (100 * time) / (clock.end || 1);
  const blocks = scene.phases.map(([begin, name], number) => {
    const end = scene.phases[number + 1]?.[0] ?? clock.end;
    const width = share(end - begin);
    return element("span.phase", { style: `left: ${share(begin)}%; width: ${width}%`, title: `${name}, ${begin.toFixed(1)} to ${end.toFixed(1)} s` }, width > 7 ? name : "");
  });
  const events = scene.events.map(([time, text]) => element("span.event", { style: `left: ${share(time)}%`, title: `${time.toFixed(1)} s: ${text}` }));
  return element("span.timeline", {}, blocks, events);
}

/** Return what happened, each event a button that leads to its time. */
function eventList(scene, clock) {
  const item = ([time, text]) => element("li", {}, element("button.event-time", { type: "button", click: (event) => clock.set(time, event.target) }, `${time.toFixed(1)} s`), ` ${text}`);
  return element("ul.events", {}, scene.events.map(item));
}

function cursor(clock) {
  const line = element("span.cursor", { "aria-hidden": "true" }, element("span.time"));
  clock.follow((time) => {
    line.style.setProperty("--at", time / (clock.end || 1));
    line.firstChild.textContent = `${time.toFixed(1)} s`;
  });
  return line;
}

/** Let a pointer on the plots, and the keys of a slider, choose the time. */
function seekable(panel, clock) {
  const plots = () => panel.querySelector(".timeline").getBoundingClientRect();
  const seek = (event) => {
    const box = plots();
    if (event.clientX < box.left || event.clientX > box.right) return;
    clock.set(((event.clientX - box.left) / box.width) * clock.end, panel);
  };
  panel.addEventListener("pointerdown", seek);
  panel.addEventListener("pointermove", (event) => event.buttons && seek(event));
}

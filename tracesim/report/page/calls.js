// What the model was asked and what it answered, call by call.
"use strict";

function drawCalls(detail) {
  const turns = detail.turns.map((turn, number) => {
    const calls = detail.calls.filter((call) => call.turn === number);
    return element(
      "article.turn",
      {},
      detail.turns.length > 1 ? element("h3", {}, `${number + 1}. ${turn.instruction}`) : null,
      calls.length ? calls.map((call, at) => recordedCall(call, turn, at, calls.length)) : answersOf(turn),
    );
  });
  const early = detail.turns.length ? [] : detail.calls.map((call, at) => recordedCall(call, null, at, detail.calls.length));
  const none = element("p.quiet", {}, "The policy was not asked.");
  byId("calls").replaceChildren(...(turns.length + early.length ? [...turns, ...early] : [none]));
}

/** Return a call as it was sent and answered, with the picture that the model saw; the last one has the keypoints. */
function recordedCall(call, turn, at, number) {
  const isLast = at === number - 1;
  const facts = [call.address, call.status && `status ${call.status}`, `${call.seconds.toFixed(2)} s`, call.attempt > 1 && `attempt ${call.attempt}`, call.error, ...(isLast && turn ? factsOf(turn) : [])];
  const traces = isLast ? (turn?.image_traces ?? []) : [];
  const [path = null, ...others] = call.pictures;
  const answered = traces.length || path === null ? traces : [[]];
  const pictures = [...answered.map((trace) => keypoints(trace, path)), ...others.map((other) => keypoints([], other))];
  return callFigures(`Call ${at + 1} of ${number}`, call.sent, call.answered ?? "(none)", facts.filter(Boolean), pictures);
}

/** Return what a record holds of a turn whose calls were not recorded. */
function answersOf(turn) {
  const calls = [...turn.queries, { prompt: turn.prompt, answer: turn.answer }];
  return calls.map((call, at) => {
    const isLast = at === calls.length - 1;
    const pictures = isLast ? turn.image_traces.map((trace) => keypoints(trace)) : [];
    const title = calls.length > 1 ? `Call ${at + 1} of ${calls.length}` : null;
    return callFigures(title, call.prompt || "(none: this policy asks no model)", call.answer || "(empty)", isLast ? factsOf(turn) : [], pictures);
  });
}

function callFigures(title, asked, answered, facts, pictures) {
  const figure = (caption, ...content) => element("figure", {}, element("figcaption", {}, caption), ...content);
  return element(
    "div.call",
    {},
    title ? element("h4", {}, title) : null,
    figure("Asked", textBox(asked)),
    figure("Answered, as received", textBox(answered), facts.length ? element("p.quiet", {}, facts.join(" · ")) : null),
    pictures.map((picture) => figure("Keypoints in the picture", picture)),
  );
}

function textBox(text) {
  return element("pre", { tabindex: "0" }, text);
}

function factsOf(turn) {
  const [prompt, answer] = turn.tokens;
  return [
    turn.latency !== null && `${turn.latency.toFixed(turn.latency < 10 ? 2 : 0)} s`,
    prompt !== null && `${count(prompt)} tokens asked`,
    answer !== null && `${count(answer)} answered`,
    turn.finish && `ended by ${turn.finish}`,
  ].filter(Boolean);
}

/** Return a drawing of keypoints, given in thousandths of width and height, on the picture of a path if there is one. */
function keypoints(trace, path = null) {
  const points = trace.map(([u, v]) => [0.64 * u, 0.48 * v]);
  const mark = ([x, y], number) => [drawn("circle", { cx: x, cy: y, r: 9 }), drawn("text", { x, y: y + 4, "text-anchor": "middle" }, String(number + 1))];
  return drawn(
    "svg.keypoints",
    { viewBox: "0 0 640 480", role: "img", "aria-label": `${trace.length} keypoints` },
    path ? drawn("image", { href: path, width: 640, height: 480, preserveAspectRatio: "none" }) : null,
    drawn("path", { d: linePath(points) }),
    points.flatMap(mark),
  );
}

// The page of one episode, whose number is the fragment of its address.
"use strict";

whenReady((index) => {
  const show = () => showEpisode(index, Number(location.hash.slice(1)) || 0);
  addEventListener("hashchange", () => location.reload());
  show();
});

async function showEpisode(index, episode) {
  const { columns } = index;
  if (!(episode in columns.seed)) {
    byId("name").textContent = "No such episode";
    return;
  }
  const task = index.tasks[columns.task[episode]];
  const entry = index.entries[columns.entry[episode]];
  document.title = `${task} ${columns.seed[episode]}, ${entry.label}`;
  byId("name").replaceChildren(words(task), element("span.quiet", {}, ` seed ${columns.seed[episode]}, ${entry.label}`));
  const [detail, scene] = await Promise.all([loadDetail(index, episode), columns.scene[episode] ? load(`scene-${episode}`) : null]);
  const clock = new Clock(scene ? scene.pose_times.at(-1) : 0);
  byId("verdict").replaceChildren(outcome(index, episode), detail.failure?.detail ? element("span.quiet", {}, `, ${detail.failure.detail}`) : "");
  byId("instruction").textContent = detail.instruction;
  const video = drawFilm(columns.film[episode], episode, scene, clock);
  drawMargins(index, detail, scene, clock);
  drawCalls(detail);
  drawOthers(index, episode);
  drawProvenance(detail);
  drawNeighbours(index, episode);
  let recolour = () => {};
  themeSwitch(byId("theme"), () => recolour());
  keys(video, clock);
  document.body.dataset.ready = "true";
  if (scene) recolour = await drawScene(byId("scene"), detail, scene, clock);
  else byId("scene").replaceChildren(element("p.missing", {}, "The curves of this episode are not in the report."));
}

function drawFilm(isThere, episode, scene, clock) {
  if (!isThere) {
    byId("film").replaceChildren(element("p.missing", {}, "There is no film of this episode; video=true makes one of every episode of a run."));
    return null;
  }
  const video = filmOf(episode, { controls: true, preload: "metadata" });
  byId("film").replaceChildren(video);
  if (scene) tieFilm(video, scene.clock, clock);
  return video;
}

/** Return the episodes of the same task and policy, by seed. */
function seedsOf(index, episode) {
  const { task, entry, seed } = index.columns;
  const same = [...seed.keys()].filter((other) => task[other] === task[episode] && entry[other] === entry[episode]);
  return same.sort((one, other) => seed[one] - seed[other]);
}

function drawNeighbours(index, episode) {
  const seeds = seedsOf(index, episode);
  const at = seeds.indexOf(episode);
  const link = (other, text, id) => (other === undefined ? null : element("a", { id, href: `#${other}`, title: `seed ${index.columns.seed[other]}` }, text));
  byId("neighbours").replaceChildren(...[link(seeds[at - 1], "Previous seed", "previous"), link(seeds[at + 1], "Next seed", "next")].filter(Boolean));
}

/** Draw what other policies did with the same task and seed. */
function drawOthers(index, episode) {
  const { columns } = index;
  const same = [...columns.seed.keys()].filter((other) => columns.task[other] === columns.task[episode] && columns.seed[other] === columns.seed[episode]);
  const row = (other) => [
    other === episode ? entryName(index, columns.entry[other]) : element("a", { href: `#${other}` }, entryName(index, columns.entry[other])),
    outcome(index, other),
    other === episode ? "" : element("a", { href: `films.html#${episode},${other}` }, columns.film[other] && columns.film[episode] ? "films side by side" : "side by side"),
  ];
  byId("others").replaceChildren(plainTable(["Policy", "Outcome", ""], same.map(row)));
}

function drawProvenance(detail) {
  const said = (value) => (typeof value === "object" && value !== null ? Object.entries(value).map(([key, one]) => `${key} ${typeof one === "object" ? JSON.stringify(one) : one}`).join(", ") : String(value));
  const { folder, reproducible, record_hash: hash } = detail;
  const facts = { folder, ...detail.provenance, record_hash: hash, reproducible };
  byId("provenance").replaceChildren(...Object.entries(facts).flatMap(([key, value]) => [element("dt", {}, words(key)), element("dd", {}, said(value))]));
}

function keys(video, clock) {
  const step = { ArrowLeft: -0.5, ArrowRight: 0.5 };
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event) || event.target === video) return;
    if (event.key in step) clock.set(clock.time + step[event.key], document);
    else if (event.key === " " && video) video.paused ? video.play() : video.pause();
    else if (event.key === "n") byId("next")?.click();
    else if (event.key === "p") byId("previous")?.click();
    else return;
    event.preventDefault();
  });
}

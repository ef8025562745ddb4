// Two episodes side by side, their numbers given in the fragment of the address.
"use strict";

whenReady(async (index) => {
  const { columns } = index;
  const episodes = location.hash.slice(1).split(",").map(Number).filter((episode) => episode in columns.seed);
  themeSwitch(byId("theme"));
  if (!episodes.length) {
    byId("name").textContent = "No such episodes";
    return;
  }
  const details = await Promise.all(episodes.map((episode) => loadDetail(index, episode)));
  byId("name").replaceChildren(words(details[0].task), element("span.quiet", {}, ` seed ${details[0].seed}`));
  byId("instruction").textContent = details[0].instruction;
  byId("films").replaceChildren(...episodes.map((episode, side) => drawSide(index, episode, details[side])));
  transport([...document.querySelectorAll("video")]);
  document.body.dataset.ready = "true";
});

function drawSide(index, episode, detail) {
  const { film, entry } = index.columns;
  const video = film[episode]
    ? filmOf(episode, { preload: "auto" })
    : element("p.missing", {}, "There is no film of this episode.");
  const margins = detail.constraints.map((one) => [words(one.name), quantity(one.predicted, one.unit), element("span", { class: one.margin < 0 ? "violated" : "held" }, quantity(one.margin, one.unit))]);
  return element(
    "article",
    {},
    element("h2", {}, element("a", { href: `episode.html#${episode}` }, index.entries[entry[episode]].label)),
    element("p", {}, outcome(index, episode), detail.failure?.detail ? element("span.quiet", {}, `, ${detail.failure.detail}`) : null),
    video,
    margins.length ? plainTable(["Constraint", "Answer", "Executed"], margins) : null,
  );
}

/** Let one button and one slider control all films; a film that is shorter waits at its end. */
function transport(films) {
  const [button, slider, time] = [byId("play"), byId("position"), byId("time")];
  const length = () => Math.max(...films.map((film) => film.duration || 0));
  const longest = () => films.reduce((one, other) => ((other.duration || 0) > (one.duration || 0) ? other : one));
  const isPlaying = () => films.some((film) => !film.paused && !film.ended);
  const show = () => {
    const now = longest().currentTime;
    slider.value = (1000 * now) / (length() || 1);
    time.textContent = `${now.toFixed(1)} s`;
    button.textContent = isPlaying() ? "Pause" : "Play both";
    if (isPlaying()) requestAnimationFrame(show);
  };
  const turn = () => {
    const play = !isPlaying();
    if (play && longest().ended) for (const film of films) film.currentTime = 0;
    for (const film of films) play ? film.play() : film.pause();
    show();
  };
  if (!films.length) {
    button.closest(".transport").hidden = true;
    return;
  }
  button.addEventListener("click", turn);
  slider.addEventListener("input", () => {
    for (const film of films) film.currentTime = Math.min((slider.value / 1000) * length(), film.duration || 0);
    show();
  });
  for (const film of films) for (const event of ["play", "pause", "seeked", "ended"]) film.addEventListener(event, show);
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !isShortcut(event)) return;
    event.preventDefault();
    turn();
  });
}

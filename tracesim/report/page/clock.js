// One clock for the film, the scene and the margins of an episode.
"use strict";

/** The time of an episode, in seconds from its beginning; listeners hear of every change. */
class Clock {
  constructor(end) {
    this.end = end;
    this.time = 0;
    this.listeners = [];
  }

  /** Call a function with the time, now and after every change. */
  follow(listener) {
    this.listeners.push(listener);
    listener(this.time, null);
  }

  /** Change the time; `source` is who changed it, which need not follow. */
  set(time, source = null) {
    this.time = Math.min(Math.max(time, 0), this.end);
    for (const listener of this.listeners) listener(this.time, source);
  }
}

/**
 * Return the time of the episode that a film shows.
 * @param {[number, number, number][]} parts For each motion, when it begins in the film and in the episode, and its length.
 */
function episodeTime(parts, filmTime) {
  const part = parts.findLast(([film]) => film <= filmTime) ?? parts[0];
  const [film, episode, length] = part;
  return episode + Math.min(Math.max(filmTime - film, 0), length);
}

/** Return the time of the film that shows a time of the episode. */
function filmTime(parts, time) {
  const part = parts.findLast(([, episode]) => episode <= time) ?? parts[0];
  const [film, episode, length] = part;
  return film + Math.min(Math.max(time - episode, 0), length);
}

/** Let a film and a clock follow each other. */
function tieFilm(video, parts, clock) {
  const tell = () => clock.set(episodeTime(parts, video.currentTime), video);
  const watch = () => {
    tell();
    if (!video.paused && !video.ended) requestAnimationFrame(watch);
  };
  video.addEventListener("play", watch);
  video.addEventListener("seeked", () => video.paused && tell());
  clock.follow((time, source) => {
    if (source !== video && source !== null) video.currentTime = filmTime(parts, time);
  });
}

/** Return the index of the last of some times that is not after a time. */
function indexAt(times, time) {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

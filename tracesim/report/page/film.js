// The film of an episode.
"use strict";

/** Return a player for the film of an episode. */
function filmOf(episode, properties) {
  const video = element("video", { src: `films/${episode}.mp4`, poster: `films/${episode}.webp`, muted: true, playsinline: true, ...properties });
  video.addEventListener("loadedmetadata", () => canSeek(video) || loadWhole(video));
  return video;
}

/** Whether any time of a film can be shown; not if a server sends files only as a whole. */
function canSeek(video) {
  return video.seekable.length > 0 && video.seekable.end(0) > 0;
}

/** Load a whole film, which can then be sought. */
async function loadWhole(video) {
  if (!location.protocol.startsWith("http") || video.src.startsWith("blob:")) return;
  const answer = await fetch(video.src);
  video.src = URL.createObjectURL(await answer.blob());
}

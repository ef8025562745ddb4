// Data of the report: each file of data/ is a script that calls `receive`.
"use strict";

const received = new Map(); // name of a file -> its data
const loading = new Map(); // name of a file -> the promise of its data

/** Take the data of a file; called by the file itself. */
function receive(name, data) {
  received.set(name, data);
}

/** Return a promise of the data in `data/NAME.js`, which is loaded once. */
function load(name) {
  if (!loading.has(name)) loading.set(name, loadScript(`data/${name}.js`).then(() => received.get(name)));
  return loading.get(name);
}

/** Return a promise that a script has run. */
function loadScript(path) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = path;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${path} is missing from the folder of the report.`));
    document.head.append(script);
  });
}

/** Return a promise of the details of an episode, which several episodes share a file for. */
async function loadDetail(index, episode) {
  const shard = await load(`details-${Math.floor(episode / index.shard)}`);
  const detail = shard.episodes[episode % index.shard];
  return { ...detail, provenance: shard.provenance[detail.provenance] };
}

/** Call a function with what every page needs, once the page and data/index.js have been read. */
function whenReady(use) {
  document.addEventListener("DOMContentLoaded", () => use(received.get("index")));
}

// The scene in 3D: bodies, robot, camera, and the four curves, at the time of the clock.
"use strict";

const UNIT_M = 1e-4;
const TURN = 1e-4;
const ROBOT = "#9aa3ad";
const LEAST_PAUSE_MS = 120; // between two drawings
const SHADES = [[0, "#baf0ff"], [0.5, "#348aff"], [1, "#321c96"]];

const CURVES = {
  trace: { name: "Predicted trace", colour: "--curve-trace" },
  planned: { name: "Planned path", colour: "--curve-planned" },
  point: { name: "Functional point", colour: "--curve-point" },
  tool: { name: "Tool path", colour: "--curve-tool" },
};

/** Draw a scene into an element, and let it follow the clock. */
async function drawScene(target, detail, scene, clock) {
  const [robot] = await Promise.all([load(scene.robot), window.Plotly ? null : loadScript("page/plotly.js")]);
  const meshes = meshesOf(scene, robot);
  const moving = [...meshes.keys()].filter((number) => meshes[number].isMoving);
  const curves = [...curvesOf(detail, scene), ...frustum(scene.camera), ...volumeLines(scene.volumes)];
  const plot = element("div.plot3d");
  target.replaceChildren(plot, curveLegend(plot, meshes.length, curves));
  await Plotly.newPlot(plot, [...meshes.map(meshTrace), ...curves, ...nowMarks(scene)], layout(), {
    responsive: true,
    displaylogo: false,
    plotGlPixelRatio: Math.min(devicePixelRatio, 2),
    modeBarButtons: [["resetCameraDefault3d"]],
  });
  const marks = plot.data.length - nowMarks(scene).length;
  let due = null;
  let pause = LEAST_PAUSE_MS;
  const update = () => {
    const begun = performance.now();
    const at = indexAt(scene.pose_times, clock.time);
    const after = Math.min(at + 1, scene.pose_times.length - 1);
    const share = after === at ? 0 : (clock.time - scene.pose_times[at]) / (scene.pose_times[after] - scene.pose_times[at]);
    const placed = moving.map((number) => placedVertices(meshes[number], at, after, share));
    const axes = (axis) => placed.map((points) => points[axis]);
    Plotly.restyle(plot, { x: axes(0), y: axes(1), z: axes(2) }, moving);
    const now = nowMarks(scene, clock.time);
    if (now.length) Plotly.restyle(plot, { x: now.map((one) => one.x), y: now.map((one) => one.y), z: now.map((one) => one.z) }, now.map((_, number) => marks + number));
    pause = Math.max(LEAST_PAUSE_MS, 2 * (performance.now() - begun));
    due = null;
  };
  // Without a graphics processor a drawing takes long: the film has its share of the time.
  clock.follow(() => (due ??= setTimeout(update, pause)));
  target.dataset.ready = "true";
  return () => Plotly.relayout(plot, layout());
}

function layout() {
  const axis = { visible: false, showspikes: false };
  return {
    margin: { l: 0, r: 0, t: 0, b: 0 },
    showlegend: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    uirevision: "keep",
    hoverlabel: { font: { size: 12 } },
    scene: {
      aspectmode: "data",
      xaxis: axis,
      yaxis: axis,
      zaxis: axis,
      dragmode: "orbit",
      camera: { eye: { x: 1.02, y: -0.97, z: 0.56 }, center: { x: 0.04, y: 0.02, z: -0.14 } },
    },
  };
}

/**
 * Return what is drawn as one mesh each, because few large meshes are faster than many small ones: everything that
 * stands still, each body that moves, and the robot. Each has parts with a name, a colour, a mesh and poses.
 */
function meshesOf(scene, robot) {
  const isMoving = (body) => body.poses.length > 1;
  const links = Object.entries(scene.links).map(([name, poses]) => ({ name, color: ROBOT, mesh: robot[name], poses }));
  return [
    { name: "scene", parts: scene.bodies.filter((body) => !isMoving(body)) },
    ...scene.bodies.filter(isMoving).map((body) => ({ name: body.name, parts: [body], isMoving: true })),
    { name: "robot", parts: links, isMoving: true, opacity: 0.45 },
  ];
}

/** Return the x, y and z of all vertices of a mesh between two samples. */
function placedVertices(one, at, after, share) {
  const placed = [[], [], []];
  for (const { mesh, poses } of one.parts) {
    const pose = between(poses[Math.min(at, poses.length - 1)], poses[Math.min(after, poses.length - 1)], share);
    const rotation = rotationOf(pose.slice(3));
    const { vertices } = mesh;
    for (let k = 0; k < vertices.length; k += 3) {
      for (let axis = 0; axis < 3; axis += 1) {
        const row = rotation[axis];
        placed[axis].push(UNIT_M * (pose[axis] + row[0] * vertices[k] + row[1] * vertices[k + 1] + row[2] * vertices[k + 2]));
      }
    }
  }
  return placed;
}

/** Return a pose between two others; quaternions of opposite sign are the same rotation. */
function between(one, other, share) {
  const dot = one.slice(3).reduce((sum, value, k) => sum + value * other[3 + k], 0);
  return one.map((value, k) => value + share * ((k > 2 && dot < 0 ? -other[k] : other[k]) - value));
}

/** Return the rows of the rotation of a quaternion wxyz, which is normalised here. */
function rotationOf(quaternion) {
  const length = Math.hypot(...quaternion) || 1 / TURN;
  const [w, x, y, z] = quaternion.map((value) => value / length);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
}

function meshTrace(one) {
  const [x, y, z] = placedVertices(one, 0, 0, 0);
  const corners = [[], [], []];
  const [text, facecolor] = [[], []];
  for (const { name, color, mesh } of one.parts) {
    mesh.triangles.forEach((vertex, k) => corners[k % 3].push(text.length + vertex));
    facecolor.push(...Array(mesh.triangles.length / 3).fill(color));
    text.push(...Array(mesh.vertices.length / 3).fill(words(name)));
  }
  return {
    type: "mesh3d",
    name: one.name,
    hoverinfo: "text",
    flatshading: true,
    lighting: { ambient: 0.65, diffuse: 0.55, specular: 0.05, roughness: 0.9 },
    opacity: one.opacity ?? 1,
    ...{ x, y, z, i: corners[0], j: corners[1], k: corners[2], text, facecolor },
  };
}

/** Return the axes x, y and z of some points given in `UNIT_M`; null interrupts a line. */
function axesOf(points, unit = UNIT_M) {
  const axis = (number) => points.map((point) => (point ? point[number] * unit : null));
  return { x: axis(0), y: axis(1), z: axis(2) };
}

function curvesOf(detail, scene) {
  const joined = (paths) => paths.flatMap((path) => [...path, null]);
  const answers = detail.turns.flatMap((turn) => turn.traces); // one for each arm
  const traces = joined(answers);
  // From light at the beginning to dark at the end, as in films. Numbers would be drawn as meshes, which takes seconds.
  const shades = answers.flatMap((trace) => [...trace.map((_, k, all) => k / Math.max(1, all.length - 1)), 0]);
  const numbers = answers.flatMap((trace) => [...trace.map((_, k) => `keypoint ${k + 1}`), ""]);
  const line = (curve, axes, more) => ({
    type: "scatter3d",
    mode: "lines",
    name: CURVES[curve].name,
    curve,
    hoverinfo: "name",
    line: { color: colour(CURVES[curve].colour), width: 5 },
    ...axes,
    ...more,
  });
  const marker = { size: 6, color: shades, colorscale: SHADES, line: { color: "#fff", width: 1 } };
  return [
    line("trace", axesOf(traces, 1), { mode: "lines+markers", text: numbers, hoverinfo: "text", marker }),
    line("planned", axesOf(joined(scene.planned)), { line: { color: colour(CURVES.planned.colour), width: 4, dash: "dash" } }),
    line("point", axesOf(scene.point ?? [])),
    line("tool", axesOf(scene.tool ?? []), { line: { color: colour(CURVES.tool.colour), width: 3 } }),
  ];
}

/** Return marks where the functional point and the tool are at a time. */
function nowMarks(scene, time = 0) {
  const at = indexAt(scene.path_times, time);
  return ["point", "tool"].filter((curve) => scene[curve]).map((curve) => ({
    type: "scatter3d",
    mode: "markers",
    hoverinfo: "skip",
    marker: { size: 6, color: colour(CURVES[curve].colour), line: { color: "#fff", width: 1.5 } },
    ...axesOf([scene[curve][at]]),
  }));
}

function frustum(camera) {
  if (!camera) return [];
  const [a, b, c, d] = camera.corners;
  const path = [camera.eye, a, b, camera.eye, c, d, camera.eye, null, a, d, null, b, c];
  return [{ type: "scatter3d", mode: "lines", name: "policy's camera", hoverinfo: "name", line: { color: colour("--quiet"), width: 2 }, ...axesOf(path) }];
}

/** Return the rims of the volumes to be in, and of those to stay out of. */
function volumeLines(volumes) {
  const lines = (chosen, name, shade) => {
    const path = chosen.flatMap(rims);
    return path.length ? [{ type: "scatter3d", mode: "lines", name, hoverinfo: "name", line: { color: colour(shade), width: 2 }, ...axesOf(path) }] : [];
  };
  return [
    ...lines(volumes.filter((one) => !one.forbidden), "to be in", "--held"),
    ...lines(volumes.filter((one) => one.forbidden), "to stay out of", "--violated"),
  ];
}

function rims(volume) {
  const [radius, low, high] = volume.sizes;
  const ring = (height) => Array.from({ length: 41 }, (_, k) => {
    const turn = (2 * Math.PI * k) / 40;
    return [volume.at[0] + radius * Math.cos(turn), volume.at[1] + radius * Math.sin(turn), volume.at[2] + height];
  });
  return high - low < 50 ? [...ring(low), null] : [...ring(low), null, ...ring(high), null];
}

/** Return the names of the curves, each a button that hides its curve. */
function curveLegend(plot, first, curves) {
  const toggles = curves.map((one, number) => [one, first + number]).filter(([one]) => one.curve && one.x.length);
  const button = (name, shade, number) => {
    const toggle = (event) => {
      const isShown = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", isShown);
      Plotly.restyle(plot, { visible: isShown }, [number]);
    };
    return element("li", {}, element("button.toggle", { type: "button", "aria-pressed": "true", click: toggle }, element("span.dot", { style: `background: ${shade}` }), name));
  };
  return element("ul.legend", {}, toggles.map(([one, number]) => button(one.name, `var(${CURVES[one.curve].colour})`, number)), button("Robot", ROBOT, first - 1));
}

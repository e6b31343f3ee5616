"use strict";
// Pictures of what the network does: maps in blue and red, activities, bars, and the curve of goodness.

const charts = (() => {
  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /** Colours of a signed value from -1 to 1: blue, nothing, red. */
  function signed(value, dark) {
    const strength = Math.min(1, Math.abs(value)) ** 0.8;
    const end = value > 0 ? (dark ? [255, 120, 96] : [178, 24, 43]) : (dark ? [92, 170, 255] : [33, 102, 172]);
    const zero = dark ? [24, 28, 34] : [255, 255, 255];
    return `rgb(${zero.map((z, i) => Math.round(z + (end[i] - z) * strength)).join(" ")})`;
  }

  /** Activity from 0 to 1: the page's ground to a bright yellow or a deep violet. */
  function unsigned(value, dark) {
    const part = Math.min(1, Math.max(0, value));
    const [zero, end] = dark ? [[30, 35, 42], [255, 214, 102]] : [[238, 240, 243], [90, 40, 130]];
    return `rgb(${zero.map((z, i) => Math.round(z + (end[i] - z) * part)).join(" ")})`;
  }

  const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

  const round = (value) => {
    const size = Math.abs(value);
    return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
  };

  /** The limit of a map's colours: its largest value, or a little where it is all zero. */
  const limit = (map) => map.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);

  /** Fills cell `i` of a picture, from one whole pixel to another, so that no seam is seen. */
  function fill(context, i, rows, columns, width, height) {
    const scale = context.getTransform().a;
    const edge = (part, size) => Math.round(part * size * scale) / scale;
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [x, y] = [edge(column / columns, width), edge(row / rows, height)];
    context.fillRect(x, y, edge((column + 1) / columns, width) - x, edge((row + 1) / rows, height) - y);
  }

  /** A picture's map on a canvas, with the strokes or the sample's ink above it. */
  function map(canvas, values, most, picture) {
    const { rows, columns, strokes, place, ink } = picture;
    const context = pad.sharp(canvas);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0) return;
    const dark = isDark();
    const [across, down] = [width / columns, height / rows];
    context.clearRect(0, 0, width, height);
    for (let i = 0; i < rows * columns; i++) {
      context.fillStyle = signed((values[i] ?? 0) / most, dark);
      fill(context, i, rows, columns, width, height);
    }
    if (strokes) outline(context, strokes, place, Math.min(width, height));
    else if (ink) squares(context, ink, columns, [across, down]);
  }

  /** The strokes' edges: two lines, the wider one's middle taken out again. */
  function outline(context, strokes, place, size) {
    const to = (point) => place.to(point).map((value) => value * size);
    const layer = document.createElement("canvas");
    [layer.width, layer.height] = [context.canvas.width, context.canvas.height];
    const over = layer.getContext("2d");
    over.setTransform(context.getTransform());
    pad.line(over, strokes, to, place.ink * size, pad.colour("--ink"));
    over.globalCompositeOperation = "destination-out";
    pad.line(over, strokes, to, place.ink * size - 3.5, "#000");
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 0.75;
    context.drawImage(layer, 0, 0);
    context.restore();
  }

  /** Ink without strokes: a frame in every pixel, the larger the darker it is. */
  function squares(context, ink, columns, [across, down]) {
    context.strokeStyle = pad.colour("--ink");
    context.globalAlpha = 0.75;
    context.lineWidth = 1.5;
    ink.forEach((value, i) => {
      if (value < 0.06) return;
      const part = Math.min(1, value) * 0.86;
      const [x, y] = [((i % columns) + 0.5) * across, (Math.floor(i / columns) + 0.5) * down];
      context.strokeRect(x - (part * across) / 2, y - (part * down) / 2, part * across, part * down);
    });
    context.globalAlpha = 1;
  }

  /** What the network gets: shades from paper to ink. */
  function shades(canvas, values, rows, columns) {
    const context = pad.sharp(canvas);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const ink = isDark() ? [232, 236, 240] : [20, 24, 30];
    context.clearRect(0, 0, width, height);
    for (let i = 0; i < rows * columns; i++) {
      context.fillStyle = `rgb(${ink.join(" ")} / ${Math.min(1, Math.max(0, values[i]))})`;
      fill(context, i, rows, columns, width, height);
    }
  }

  /** A layer's units, each as bright as it is active. */
  function units(canvas, activities, most) {
    const columns = Math.ceil(Math.sqrt(2 * activities.length));
    const rows = Math.ceil(activities.length / columns);
    canvas.style.aspectRatio = `${columns} / ${rows}`;
    const context = pad.sharp(canvas);
    const cell = canvas.clientWidth / columns;
    const dark = isDark();
    const gap = cell > 6 ? 1.5 : 0;
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    activities.forEach((value, i) => {
      context.fillStyle = unsigned(value / most, dark);
      context.fillRect((i % columns) * cell + gap, Math.floor(i / columns) * cell + gap, cell - 2 * gap, cell - 2 * gap);
    });
  }

  /** The curve of one layer: goodness of positive and of negative data over steps, beside the threshold. */
  function curve(svg, points, layer, threshold) {
    const [width, height, left, bottom, top] = [340, 150, 34, 22, 8];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const last = points.length > 0 ? points[points.length - 1].step : 0;
    const all = points.flatMap(({ values }) => [values[2 * layer], values[2 * layer + 1]]);
    const most = Math.max(2 * threshold, ...all) * 1.05;
    const x = (step) => left + ((width - left - 6) * step) / Math.max(last, 1);
    const y = (value) => top + (height - top - bottom) * (1 - value / most);
    const path = (i) => points.map(({ step, values }, n) => `${n === 0 ? "M" : "L"}${x(step).toFixed(1)} ${y(values[2 * layer + i]).toFixed(1)}`).join("");
    const text = (at, [tx, ty], content, anchor = "end") => `<text x="${tx}" y="${ty}" text-anchor="${anchor}" class="${at}">${content}</text>`;
    svg.innerHTML = `
      <path class="axis" d="M${left} ${top}V${height - bottom}H${width - 6}"/>
      <path class="threshold" d="M${left} ${y(threshold)}H${width - 6}"/>
      ${text("tick", [left - 4, y(threshold) + 4], round(threshold))}${text("tick", [left - 4, height - bottom + 4], "0")}
      ${text("tick", [width - 6, height - 6], `${last.toLocaleString("en")} steps`)}
      <path class="negative" d="${path(1)}"/><path class="positive" d="${path(0)}"/>`;
  }

  return { element, map, shades, units, curve, limit, round, signed, isDark };
})();

"use strict";
// The pad: strokes by mouse, finger, pen or keys, and how they become the values that a network takes.

const pad = (() => {
  const INK = 0.07; // a line's width, as a part of the pad

  /** Makes a canvas a pad; `changed` is called after every stroke's move. */
  function make(canvas, changed) {
    const strokes = [];
    let pen = null;
    let cursor = { x: 0.5, y: 0.2, down: false };
    let keys = false;

    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      const part = (value) => Math.min(1, Math.max(0, value));
      return [part((event.clientX - box.left) / box.width), part((event.clientY - box.top) / box.height)];
    };

    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      keys = false;
      pen = event.pointerId;
      strokes.push([at(event)]);
      update();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pen) return;
      const stroke = strokes[strokes.length - 1];
      const moves = event.getCoalescedEvents?.() ?? [];
      (moves.length > 0 ? moves : [event]).forEach((move) => stroke.push(at(move)));
      update();
    });
    const lift = (event) => { if (event.pointerId === pen) pen = null; };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);

    canvas.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way && event.key !== " ") return;
      event.preventDefault();
      keys = true;
      if (way) {
        cursor.x = Math.min(0.95, Math.max(0.05, cursor.x + way[0] / 16));
        cursor.y = Math.min(0.95, Math.max(0.05, cursor.y + way[1] / 16));
        if (cursor.down) strokes[strokes.length - 1].push([cursor.x, cursor.y]);
      } else {
        cursor.down = !cursor.down;
        if (cursor.down) strokes.push([[cursor.x, cursor.y]]);
      }
      update();
    });
    canvas.addEventListener("blur", () => { keys = false; cursor.down = false; paint(); });

    function update() {
      paint();
      changed(strokes);
    }

    function paint() {
      const context = sharp(canvas);
      const size = canvas.clientWidth;
      context.clearRect(0, 0, size, size);
      line(context, strokes, ([x, y]) => [x * size, y * size], INK * size, colour("--ink"));
      if (!keys) return;
      context.strokeStyle = colour("--link");
      context.lineWidth = cursor.down ? 4 : 2;
      context.beginPath();
      context.arc(cursor.x * size, cursor.y * size, 9, 0, 7);
      context.stroke();
    }

    function clear() {
      strokes.length = 0;
      cursor.down = false;
      update();
    }

    return { strokes, clear, paint, isEmpty: () => strokes.length === 0 };
  }

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** A canvas's context, with a pixel for each of the screen's. */
  function sharp(canvas) {
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  }

  /** Draws strokes; `to` takes a point of the pad to the canvas. */
  function line(context, strokes, to, width, style) {
    context.strokeStyle = context.fillStyle = style;
    context.lineWidth = width;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...to(stroke[0]));
      // A point is a line of no length, which a round cap makes a dot.
      stroke.slice(stroke.length > 1 ? 1 : 0).forEach((point) => context.lineTo(...to(point)));
      context.stroke();
    }
  }

  /** Where strokes lie, as [left, top, width, height]. */
  function bounds(strokes) {
    const points = strokes.flat();
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
  }

  /**
   * Where a point of the pad belongs in a sample of 1 x 1, and the line's width there.
   *
   * The digits of 8 x 8 fill their height and two thirds of their width; MNIST's larger side fills 20 of 28. A drawing
   * is brought to that. Other pictures are taken as they are drawn.
   */
  function placing(strokes, dataset) {
    if (dataset === "digits8x8") {
      const ink = 0.17;
      const [left, top, width, height] = bounds(strokes);
      const down = (1 - ink) / Math.max(height, 0.25);
      const across = Math.min(down, (0.74 - ink) / Math.max(width, 0.01));
      return { ink, to: ([x, y]) => [0.5 + (x - left - width / 2) * across, 0.5 + (y - top - height / 2) * down] };
    }
    if (dataset === "mnist") {
      const ink = 0.085;
      const [left, top, width, height] = bounds(strokes);
      const scale = (20 / 28 - ink) / Math.max(width, height, 0.25);
      return { ink, to: ([x, y]) => [0.5 + (x - left - width / 2) * scale, 0.5 + (y - top - height / 2) * scale] };
    }
    return { ink: INK, to: (point) => point };
  }

  /** The strokes as a picture's values, 0 to 1, every channel the same. */
  function values(strokes, shape, dataset) {
    const { rows, columns, channels } = shape;
    const plane = new Float32Array(rows * columns);
    if (strokes.length > 0) {
      const place = placing(strokes, dataset);
      dataset === "digits8x8" ? blocks(plane, strokes, place) : shades(plane, strokes, place, rows, columns);
    }
    const all = new Float32Array(channels * plane.length);
    for (let c = 0; c < channels; c++) all.set(plane, c * plane.length);
    return all;
  }

  /** As the data set was made: a bitmap of 32 x 32, and of every block of 4 x 4 the number of black pixels. */
  function blocks(plane, strokes, place) {
    const bitmap = pixels(strokes, place, 32, 32);
    for (let i = 0; i < bitmap.length; i++) {
      if (bitmap[i] > 127) plane[(i >> 7) * 8 + ((i & 31) >> 2)] += 1 / 16;
    }
  }

  /** Shades of grey: the mean of 4 x 4 points of each pixel. */
  function shades(plane, strokes, place, rows, columns) {
    const fine = pixels(strokes, place, 4 * columns, 4 * rows);
    for (let i = 0; i < fine.length; i++) {
      const [x, y] = [(i % (4 * columns)) >> 2, Math.floor(i / (4 * columns)) >> 2];
      plane[y * columns + x] += fine[i] / (255 * 16);
    }
  }

  /** How far each pixel is inked, 0 to 255. */
  function pixels(strokes, { to, ink }, width, height) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const scaled = (point) => { const [x, y] = to(point); return [x * width, y * height]; };
    line(context, strokes, scaled, ink * Math.min(width, height), "#000");
    return context.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 3);
  }

  return { make, values, placing, line, sharp, colour };
})();

"use strict";
// Reads a model file of `ff train` (docs/src/formats.md): which network it holds, and how a sample becomes its
// features. Whatever is wrong with the file is an Error that says so.

const reader = (() => {
  const RULES = ["classic", "mean-square", "symba", "minimised", "unsupervised", "n-way", "groups", "local-cross-entropy"];
  const MOST_HEADER = 1 << 20;
  const MOST_FEATURES = 1 << 14;

  const refuse = (problem) => { throw new Error(problem); };
  const whole = (value, least, most, what) =>
    Number.isInteger(value) && value >= least && value <= most ? value : refuse(`its ${what} is no whole number from ${least} to ${most}`);
  const number = (value, otherwise, what) =>
    value === undefined || value === null ? otherwise
      : typeof value === "number" && Number.isFinite(value) ? value : refuse(`its ${what} is no number`);

  /** The model in a file's bytes. */
  function read(buffer) {
    const { header, body } = parts(buffer);
    const text = header.__metadata__?.["forward-forward"];
    if (typeof text !== "string") refuse("it carries no training record; a model of `ff train` is needed");
    const record = json(text, "training record");
    if (![1, 2].includes(record.format)) refuse(`it has format ${record.format}, and this page reads 1 and 2`);
    const tensors = new Map(Object.entries(header).filter(([name]) => name !== "__metadata__"));
    const floats = (name, length) => tensor(tensors.get(name), body, name, length);
    check(text, tensors, body);
    return model(record, floats);
  }

  function parts(buffer) {
    if (buffer.byteLength < 8) refuse("it is cut short");
    const length = Number(new DataView(buffer).getBigUint64(0, true));
    if (length > MOST_HEADER) refuse("it is no model file: its header would be too long");
    if (8 + length > buffer.byteLength) refuse("it is cut short");
    const header = json(new TextDecoder().decode(new Uint8Array(buffer, 8, length)), "header");
    return { header, body: buffer.slice(8 + length) };
  }

  function json(text, what) {
    let value;
    try { value = JSON.parse(text); } catch { refuse(`its ${what} is no JSON`); }
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : refuse(`its ${what} is no JSON object`);
  }

  function bytes(entry, body, name) {
    const [from, to] = Array.isArray(entry?.data_offsets) ? entry.data_offsets : [];
    const fits = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= body.byteLength;
    if (!fits) refuse(`tensor ${name} is missing or lies outside of the file`);
    return new Uint8Array(body, from, to - from);
  }

  function tensor(entry, body, name, length) {
    const own = bytes(entry, body, name);
    if (entry.dtype !== "F32" || own.length !== 4 * length) refuse(`tensor ${name} does not hold ${length} floats`);
    const values = new Float32Array(own.slice().buffer);
    return values.every(Number.isFinite) ? values : refuse(`tensor ${name} holds NaN or infinity`);
  }

  /** A file of the first versions has no checksum, and passes. */
  function check(text, tensors, body) {
    const kept = tensors.get("checksum");
    if (kept === undefined) return;
    let crc = crc32(new TextEncoder().encode(text), ~0);
    for (const name of [...tensors.keys()].filter((name) => name !== "checksum").sort()) crc = crc32(bytes(tensors.get(name), body, name), crc);
    const own = bytes(kept, body, "checksum");
    const same = own.length === 4 && new DataView(own.slice().buffer).getUint32(0, true) === (~crc >>> 0);
    if (!same) refuse("it is damaged: its checksum is not that of what it holds");
  }

  const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });

  function crc32(data, crc) {
    for (const byte of data) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255];
    return crc;
  }

  function model(record, floats) {
    const recipe = record.recipe ?? refuse("its record has no recipe");
    const rule = typeof recipe.rule === "object" && recipe.rule !== null ? recipe.rule : { ...recipe, kind: recipe.rule };
    const kind = RULES.indexOf(rule.kind);
    if (kind < 0) refuse(`the page does not know its rule, ${String(rule.kind).slice(0, 40)}`);
    const classes = whole(record.classes, 2, 256, "number of classes");
    if (!Array.isArray(recipe.layers) || recipe.layers.length < 1 || recipe.layers.length > 8) refuse("its recipe has no list of 1 to 8 layers");
    const layers = recipe.layers.map((units) => whole(units, 1, MOST_FEATURES, "layer's width"));
    const shape = shapeOf(record);
    const prepare = preparation(record, recipe, rule, shape, classes);
    const labelled = kind < 4;
    const slots = labelled ? classes : 0;
    const from = kind === 5 || kind === 7 ? 0
      : kind === 4 || (labelled && rule.readout === "softmax") ? Number(layers.length > 1) : layers.length;
    const values = weights(record.format, layers, slots + prepare.features, classes, from, floats);
    if (recipe.standardise) {
      const length = prepare.features - Number(prepare.constant > 0);
      [prepare.mean, prepare.scale] = ["input.mean", "input.scale"].map((name) => floats(name, length));
    }
    const readout = layers.slice(from).reduce((sum, units) => sum + units * classes, 0);
    return {
      kind, classes, slots, layers, shape, prepare, readout, values,
      threshold: number(rule.threshold, 1, "threshold"),
      temperature: number(rule.temperature, 1, "temperature"),
      scoredFrom: whole(rule.first_scored_layer ?? 0, 0, 255, "first scored layer"),
      rule: rule.kind,
      dataset: String(record.dataset ?? "own data").slice(0, 80),
      names: classNames(record, classes),
    };
  }

  /** All values in the order of their checksum: weights and biases layer by layer, then readout or label rows. */
  function weights(format, layers, inputs, classes, from, floats) {
    const chain = [];
    for (const [l, units] of layers.entries()) {
      chain.push(floats(`layer${l}.weights`, inputs * units), floats(`layer${l}.biases`, units));
      inputs = units;
    }
    const read = layers.slice(from);
    if (format === 1 && read.length > 0) chain.push(floats("readout", read.reduce((sum, units) => sum + units * classes, 0)));
    else read.forEach((units, i) => chain.push(floats(`layer${from + i}.readout`, units * classes)));
    const all = new Float32Array(chain.reduce((sum, piece) => sum + piece.length, 0));
    chain.reduce((at, piece) => (all.set(piece, at), at + piece.length), 0);
    return all;
  }

  function classNames(record, classes) {
    const names = record.class_names;
    const given = Array.isArray(names) && names.length === classes && names.every((name) => typeof name === "string");
    return given ? names.map((name) => name.slice(0, 40)) : Array.from({ length: classes }, (_, c) => String(c));
  }

  function shapeOf(record) {
    const shape = record.shape ?? { kind: "picture", channels: 1, rows: record.height, columns: record.width };
    if (shape.kind === "picture") {
      const [channels, rows, columns] = ["channels", "rows", "columns"].map((name) => whole(shape[name], 1, 1024, `picture's ${name}`));
      return { kind: "picture", channels, rows, columns };
    }
    const named = shape.kind === "features" && Array.isArray(shape.names) && shape.names.length > 0 && shape.names.length <= 64;
    if (!named) refuse("the page draws pictures and has sliders for up to 64 features; explain other samples with `ff explain`");
    return { kind: "features", channels: 1, rows: 1, columns: shape.names.length, names: shape.names.map((name) => String(name).slice(0, 40)) };
  }

  /** How a sample becomes features, as docs/src/formats.md says. */
  function preparation(record, recipe, rule, shape, classes) {
    const pool = shape.kind === "picture" ? whole(recipe.pool ?? 1, 1, 1024, "pool") : 1;
    const [rows, columns] = [Math.floor(shape.rows / pool), Math.floor(shape.columns / pool)];
    const dropped = rule.overlay === "first-pixels" ? classes : 0;
    const constant = number(recipe.constant, 0, "constant");
    const features = shape.channels * rows * columns - dropped + Number(constant > 0);
    whole(features, 1, MOST_FEATURES, "number of features");
    return {
      shape, pool, rows, columns, dropped, constant, features,
      gamma: number(recipe.gamma, 1, "gamma"), centre: recipe.centre === true, mean: null, scale: null,
    };
  }

  /** A sample's values (pictures: 0 to 1, channels x rows x columns) as features. */
  function features(prepare, values) {
    const { shape, pool, rows, columns, dropped, constant } = prepare;
    const power = (v) => (prepare.gamma === 1 ? v : Math.sign(v) * Math.abs(v) ** prepare.gamma);
    const all = new Float32Array(prepare.features);
    const varying = all.subarray(0, prepare.features - Number(constant > 0));
    for (let i = 0; i < varying.length; i++) {
      const cell = i + dropped;
      const [plane, y, x] = [Math.floor(cell / (rows * columns)), Math.floor(cell / columns) % rows, cell % columns];
      let sum = 0;
      for (let down = 0; down < pool; down++)
        for (let across = 0; across < pool; across++)
          sum += power(values[(plane * shape.rows + y * pool + down) * shape.columns + x * pool + across]);
      varying[i] = sum / (pool * pool);
    }
    if (prepare.centre) {
      const mean = varying.reduce((sum, v) => sum + v, 0) / varying.length;
      varying.forEach((v, i) => (varying[i] = v - mean));
    }
    if (prepare.mean) varying.forEach((v, i) => (varying[i] = (v - prepare.mean[i]) * prepare.scale[i]));
    if (constant > 0) all[all.length - 1] = constant;
    return all;
  }

  return { read, features };
})();

"use strict";
// The engine's worker. A page that is opened from a folder may not load a worker from a file, so the text of this
// function becomes one. It gets messages `{ id, call, value }` and answers each with `{ id, result }` or
// `{ id, error }`; while something is learned it also sends `{ seen }`, what the page shows.

function engineWorker() {
  const SLICE = 12; // milliseconds of work before messages are looked at
  const SHOW = 50; // milliseconds between two pictures of what is learned
  const MOST_CLASSES = 256; // a layer's row of scores in the engine
  const BLOCK = 100; // steps whose goodness is one point of the curve
  const PASS = 1438; // steps between two looks at digits that training never sees

  let engine = null;
  let model = null;
  let sample = null;
  let question = { label: null, against: null };
  let examples = [];
  let job = null;
  let history = [];
  let random = 1;

  const place = (name, length) => new Float32Array(engine.memory.buffer, engine[name](), length);
  const copy = (name, length) => place(name, length).slice();

  function must(status) {
    if (status === 0) return;
    const bytes = new Uint8Array(engine.memory.buffer, engine.message(), engine.message_length());
    throw new Error(new TextDecoder().decode(bytes.slice()));
  }

  /** A number from 0 to 1, the same sequence for everybody. */
  function draw() {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return random / 2 ** 32;
  }

  const calls = {
    async start({ bytes }) {
      engine = (await WebAssembly.instantiate(bytes)).instance.exports;
      return { digits: engine.training_digits() };
    },

    /** Takes a model; where the engine refuses it, the one before stays. */
    model(next) {
      const before = model && { ...model, values: copy("values", engine.values_length()) };
      try {
        take(next);
      } catch (error) {
        if (before) take(before);
        throw error;
      }
      [sample, examples, job, history, question] = [null, [], null, [], { label: null, against: null }];
      return { seen: see() };
    },

    sample({ features }) {
      sample = features;
      return { seen: see() };
    },

    ask(next) {
      question = next;
      return { seen: see() };
    },

    digit({ index }) {
      const label = engine.digit(index, 0, 0);
      sample = copy("sample", 64);
      return { label, features: sample, seen: see() };
    },

    /**
     * Learns `steps` times: in `share` of them a drawing, else a real digit. A drawing that has a label is kept.
     * It takes at least `time` milliseconds, for a person to see what happens: alone the steps take some hundredths.
     */
    learn({ label, steps, rate, share, time }) {
      if (label !== null) remember(label);
      job = { steps, rate, share, time, begin: performance.now(), done: 0, sums: null, right: null, isFresh: label !== null };
      proceed();
      return {};
    },

    stop() {
      job = null;
      return { seen: see() };
    },

    forget({ seed }) {
      job = null;
      history = [];
      must(engine.forget(seed));
      return { seen: see() };
    },

    /** One class more, of which there are examples; it begins as the class that their first one looks like. */
    addClass() {
      put(examples.find((example) => example.label === model.classes).features);
      must(engine.answer());
      const scores = place("scores", model.classes);
      must(engine.add_class(scores.indexOf(Math.max(...scores))));
      const classes = model.classes + 1;
      model = { ...model, classes, slots: classes, readout: (model.readout / model.classes) * classes };
      return { seen: see() };
    },

    example({ label }) {
      remember(label);
      return { count: examples.filter((example) => example.label === label).length };
    },

    kernel({ vector }) {
      engine.set_kernel(Number(vector));
      return { seen: see() };
    },

    /** The firmware's program, from its first pass to its last. */
    async device({ vector }) {
      engine.set_kernel(Number(vector));
      const begin = performance.now();
      for (let pass = 0; pass < engine.device_passes(); pass++) {
        must(engine.device_pass());
        postMessage({ pass: pass + 1, passes: engine.device_passes() });
      }
      const time = performance.now() - begin;
      return { time, steps: engine.device_passes() * engine.training_digits(), crc: hex(engine.device_checksum()), right: engine.device_recognised() };
    },

    bench: () => bench(),
  };

  const hex = (word) => (word >>> 0).toString(16).padStart(8, "0");

  function take(next) {
    must(engine.set_rule(next.kind, next.threshold, next.temperature, next.scoredFrom));
    [next.features, ...next.layers].forEach((width) => engine.push_width(width));
    must(engine.reshape(next.classes, next.slots, next.readout));
    if (engine.values_length() !== next.values.length) throw new Error("its tensors do not have the shapes that its recipe says");
    place("values", next.values.length).set(next.values);
    model = next;
    place("sample", model.features).fill(0);
    must(engine.answer());
  }

  function remember(label) {
    examples.push({ features: sample.slice(), label });
    if (examples.length > 200) examples.shift();
  }

  function put(features) {
    place("sample", model.features).set(features);
  }

  /** What the page shows of the network as it is. */
  function see() {
    const seen = { crc: hex(engine.checksum()), classes: model.classes, history, learning: job && { done: job.done, steps: job.steps }, right: job?.right ?? null };
    if (!sample) return seen;
    put(sample);
    const begin = performance.now();
    must(engine.answer());
    seen.scores = copy("scores", model.classes);
    const all = place("layer_scores", MOST_CLASSES * model.layers.length);
    seen.layerScores = model.layers.map((_, l) => all.slice(l * MOST_CLASSES, l * MOST_CLASSES + model.classes));
    const ranked = [...seen.scores.keys()].sort((a, b) => seen.scores[b] - seen.scores[a]);
    [seen.best, seen.second] = ranked;
    const label = question.label ?? seen.best;
    const against = question.against;
    const other = against ?? ranked.find((rival) => rival !== label);
    must(engine.explain(label, against ?? -1, -1));
    seen.map = copy("map", model.features);
    seen.time = performance.now() - begin;
    seen.layerMaps = model.layers.map((_, l) => (must(engine.explain(label, against ?? -1, l)), copy("map", model.features)));
    const units = model.layers.reduce((sum, width) => sum + width, 0);
    must(engine.activate(label));
    seen.active = copy("activities", units);
    must(engine.activate(other));
    seen.activeOther = copy("activities", units);
    return { ...seen, label, against, other };
  }

  /** Some milliseconds of what is being learned, then room for messages. */
  function proceed() {
    const own = job;
    if (!own) return;
    try {
      const end = performance.now() + SLICE;
      const due = Math.min(own.steps, Math.ceil((own.steps * (performance.now() - own.begin + 1)) / own.time));
      while (own.done < due && performance.now() < end) step(own);
      const over = own.done >= own.steps;
      if (over && model.hasDigits) own.right = recognised();
      if (over) job = null;
      if (over || performance.now() > (own.shown ?? 0) + SHOW) {
        own.shown = performance.now();
        postMessage({ seen: { ...see(), right: own.right }, over });
      }
      if (!over) setTimeout(proceed, 5);
    } catch (error) {
      job = null;
      postMessage({ failed: error.message });
    }
  }

  /** One step, at a rate that falls to nothing while many are made. */
  function step(own) {
    const label = choose(own);
    must(engine.step(label, own.rate * (1 - own.done / own.steps)));
    own.done++;
    note(own);
    if (model.hasDigits && own.done % PASS === 0) own.right = recognised();
  }

  /** Makes a drawing or a digit the sample; its label. */
  function choose(own) {
    const drawings = examples.filter(({ label }) => label < model.classes);
    const isFresh = own.isFresh && own.done === 0;
    if (isFresh || !model.hasDigits || (drawings.length > 0 && draw() < own.share)) {
      const example = drawings[isFresh ? drawings.length - 1 : Math.floor(draw() * drawings.length)];
      if (!example) throw new Error("there is nothing to learn from: draw something");
      put(example.features);
      return example.label;
    }
    const right = draw() < 0.3 ? (draw() < 0.5 ? -1 : 1) : 0;
    return engine.digit(Math.floor(draw() * engine.training_digits()), right, 0);
  }

  /** Adds the step's goodness to the curve: sums of squares, layer by layer. */
  function note(own) {
    const report = place("report", 2 * model.layers.length);
    own.sums ??= { count: 0, values: new Float64Array(report.length) };
    report.forEach((value, i) => (own.sums.values[i] += value * model.layers[i >> 1]));
    own.sums.count++;
    if (own.sums.count === BLOCK || own.done === own.steps) {
      const last = history.length > 0 ? history[history.length - 1].step : 0;
      history.push({ step: last + own.sums.count, values: [...own.sums.values].map((sum) => sum / own.sums.count) });
      if (history.length > 600) history = history.filter((_, i) => i % 2 === 1);
      own.sums = null;
    }
  }

  /** How many of the digits that training never sees are recognised. */
  function recognised() {
    let right = 0;
    const first = engine.training_digits();
    for (let i = first; ; i++) {
      const label = engine.digit(i, 0, 0);
      if (label === 255) return { right, of: i - first };
      must(engine.answer());
      const scores = place("scores", model.classes);
      right += Number(scores.indexOf(Math.max(...scores)) === label);
    }
  }

  /** Steps a second of 64-32-32 on built-in digits by both kernels, and the time of an answer with its map. */
  function bench() {
    const kept = { model, values: copy("values", engine.values_length()) };
    const small = { kind: 0, threshold: 1, temperature: 1, scoredFrom: 0, classes: 10, slots: 10, features: 64, layers: [32, 32], readout: 0, values: new Float32Array(3456) };
    const results = {};
    for (const name of ["portable", "vector", "portable", "vector"]) {
      engine.set_kernel(Number(name === "vector"));
      take(small);
      must(engine.forget(1));
      let steps = 0;
      const begin = performance.now();
      while (performance.now() - begin < 400) {
        for (let i = 0; i < 200; i++) must(engine.step(engine.digit(steps++ % 1438, 0, 0), 0.01));
      }
      results[name] = Math.round((1000 * steps) / (performance.now() - begin));
    }
    engine.set_kernel(1);
    const times = [];
    for (let i = 0; i < 200; i++) {
      engine.digit(1438 + i, 0, 0);
      const begin = performance.now();
      must(engine.answer());
      must(engine.explain(3, -1, -1));
      times.push(performance.now() - begin);
    }
    take({ ...kept.model, values: kept.values });
    results.answer = times.reduce((sum, time) => sum + time, 0) / times.length;
    results.slowest = Math.max(...times);
    return results;
  }

  onmessage = async ({ data: { id, call, value } }) => {
    try {
      postMessage({ id, result: await calls[call](value ?? {}) });
    } catch (error) {
      postMessage({ id, error: error.message });
    }
  };
}

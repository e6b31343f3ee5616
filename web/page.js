"use strict";
// What a visitor does, and what the page shows of it.

(() => {
  const $ = (id) => document.getElementById(id);
  const { element, round } = charts;
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const LIVE = 500; // milliseconds before a change is told to a screen reader

  let model = null; // as `reader` gives it, with the names of classes added here
  let seen = null; // the worker's last answer
  let values = null; // the sample before it becomes features
  let isDrawn = false; // whether the sample is the pad's strokes
  let truth = null; // the label of a real digit that is shown
  let lesson = null; // the class that is being taught
  let shown = 0;

  const name = (label) => model.names[label];
  const depth = () => model.layers.length;
  const layerColour = (l) => `var(--layer${l % 4})`;
  const sum = (list) => list.reduce((total, value) => total + value, 0);

  // ---- Start, and models ----

  async function begin() {
    client.listeners.seen = receive;
    client.listeners.failed = ({ failed }) => complain(failed ?? "the worker ended");
    client.listeners.pass = ({ pass, passes }) => { $("device-note").textContent = `Pass ${pass} of ${passes} …`; };
    await client.start();
    await start();
    document.documentElement.dataset.ready = Math.round(performance.now());
  }

  /** The page's own model, and a digit that it has never learned. */
  async function start() {
    await useModel(reader.read(client.decode(MODEL).buffer));
    if (model.hasDigits) await showDigit(1438);
  }

  function complain(problem) {
    $("problem").hidden = false;
    $("problem").textContent = `This page cannot go on: ${problem}. Reload it to begin again.`;
  }

  async function useModel(next) {
    const told = await client.call("model", {
      ...next, features: next.prepare.features, prepare: undefined, shape: undefined, hasDigits: next.dataset === "digits8x8",
    });
    model = { ...next, names: [...next.names], hasDigits: next.dataset === "digits8x8" };
    [values, isDrawn, truth, lesson] = [null, false, null, null];
    $("progress").textContent = "";
    document.documentElement.dataset.model = model.dataset;
    surface.strokes.length = 0;
    surface.paint();
    arrange();
    receive(told);
    if (model.shape.kind === "features") await slide();
  }

  /** What a label is given: the logits of `local-cross-entropy` and a readout's probabilities are no goodness. */
  const scoreName = () => ["unsupervised", "local-cross-entropy"].includes(model.rule) ? "score" : "goodness";

  const capital = (word) => word[0].toUpperCase() + word.slice(1);

  /** Puts everything on the page that depends on the model. */
  function arrange() {
    const isTable = model.shape.kind === "features";
    $("pad").hidden = $("pad-help").hidden = $("clear").hidden = document.querySelector(".input").hidden = isTable;
    $("sliders").hidden = $("shares").hidden = !isTable;
    $("map").hidden = isTable;
    $("digit").hidden = $("nothing").hidden = !model.hasDigits;
    const mayGrow = model.kind < 4 && !isTable;
    $("new-class").hidden = !mayGrow;
    $("lesson").hidden = true;
    $("bars").replaceChildren(...model.names.map((_, label) => bar(label)));
    $("layers").replaceChildren(...model.layers.map((units, l) => layerCard(units, l, isTable)));
    $("curves").replaceChildren(...model.layers.map((_, l) => curveCard(l)));
    options();
    const names = model.layers.map((_, l) => `<span class="of"><span class="key" style="background:${layerColour(l)}"></span>layer ${l + 1}</span>`);
    $("layer-legend").innerHTML = model.kind === 4 ? "as its readout gives it." : `of ${names.join(" and ")}`;
    const { rows, columns } = model.shape;
    $("seen-note").textContent = `${columns} × ${rows} shades. Your strokes are brought to the size and place of the digits that it knows.`;
    if (model.dataset !== "digits8x8" && model.dataset !== "mnist") $("seen-note").textContent = `${columns} × ${rows} shades of what you draw.`;
    $("replay-note").textContent = model.hasDigits ? "The network learns it in turn with real digits, so that it does not forget those."
      : "The page has no other samples of this model: it learns from yours alone, and forgets what else it knew.";
    $("lead").textContent = model.hasDigits ? "Draw a digit." : isTable ? `Set the values of a sample of ${model.dataset}.` : `Draw one of the classes of ${model.dataset}.`;
    $("teach-title").textContent = isTable ? "Teach it this sample" : "Teach it your drawing";
    $("inside-row").classList.toggle("table", isTable);
    $("score-name").textContent = scoreName();
    $("bars").style.setProperty("--name", `${Math.min(8, Math.max(2, ...model.names.map((text) => 0.7 * text.length)))}rem`);
    if (isTable) sliders();
  }

  function options() {
    const list = (first) => [...first, ...model.names.map((text, label) => element("option", { value: label }, text))];
    $("label").replaceChildren(...list([element("option", { value: "" }, "its answer")]));
    $("against").replaceChildren(...list([element("option", { value: "" }, "all others")]));
    $("truth").replaceChildren(...list([element("option", { value: "" }, "…")]));
    choose(null);
  }

  /** Says what the sample is; nothing while nobody knows. */
  function choose(label) {
    $("truth").value = label === null ? "" : String(label);
    $("learn-one").disabled = $("learn-many").disabled = label === null || !values;
  }

  function bar(label) {
    const track = element("span", { class: "track" }, ...(model.kind === 4 ? [0] : model.layers).map((_, l) => element("i", { style: `background:${layerColour(l)}` })));
    const button = element("button", { type: "button", class: "bar", "data-label": label, "aria-pressed": "false" }, element("b", {}, name(label)), track, element("span", { class: "value" }));
    button.addEventListener("click", () => {
      const again = $("label").value === String(label);
      $("label").value = again ? "" : String(label);
      ask();
    });
    return button;
  }

  function layerCard(units, l, isTable) {
    const part = (kind) => element("div", {}, element("canvas", { class: kind, role: "img" }), element("p"));
    const title = element("h4", {}, element("span", { style: `background:${layerColour(l)}` }), `Layer ${l + 1}: ${units} units`);
    const card = element("div", { class: "layer" }, title, part("units own"), part("units other"), part("part"));
    if (isTable) card.lastChild.hidden = true;
    // Without a label among the inputs the activities are the same under all of them.
    card.querySelector(".other").parentElement.hidden = model.slots === 0;
    return card;
  }

  function curveCard(l) {
    const figure = element("figure", {}, element("figcaption", {}, `Layer ${l + 1}`));
    figure.insertAdjacentHTML("beforeend", `<svg role="img" aria-label="Goodness of layer ${l + 1} over steps"></svg>`);
    return figure;
  }

  // ---- Samples ----

  const surface = pad.make($("pad"), () => {
    isDrawn = !surface.isEmpty();
    truth = null;
    if (!isDrawn) choose(null);
    values = isDrawn ? pad.values(surface.strokes, model.shape, model.dataset) : null;
    send();
  });

  /** Sends the newest sample; while one is on its way, only the last of those that follow. */
  const send = (() => {
    let busy = false;
    let again = false;
    return async function send() {
      if (busy) { again = true; return; }
      busy = true;
      do {
        again = false;
        const features = values && reader.features(model.prepare, values);
        await client.call("sample", { features }).then(receive, ({ message }) => complain(message));
      } while (again);
      busy = false;
    };
  })();

  async function showDigit(index) {
    surface.strokes.length = 0;
    const digit = await client.call("digit", { index });
    [values, isDrawn, truth] = [digit.features, false, digit.label];
    surface.paint();
    choose(truth);
    receive(digit);
    charts.shades($("pad"), values, 8, 8);
  }

  function sliders() {
    const { mean, scale } = model.prepare;
    values = new Float32Array(model.shape.columns);
    $("sliders").replaceChildren(...model.shape.names.map((text, i) => {
      const [middle, reach] = mean ? [mean[i], 3 / Math.max(scale[i], 1e-6)] : [0.5, 0.5];
      values[i] = middle;
      const input = element("input", { type: "range", min: middle - reach, max: middle + reach, step: reach / 100, value: middle });
      const output = element("output", {}, round(middle));
      input.addEventListener("input", () => {
        values[i] = Number(input.value);
        output.textContent = round(values[i]);
        send();
      });
      return element("label", {}, element("span", {}, text), output, input);
    }));
  }

  async function slide() {
    await send();
  }

  // ---- What is seen ----

  function receive({ seen: next, over }) {
    if (!next) return;
    seen = next;
    $("crc").textContent = seen.crc;
    if (seen.learning && reduced.matches && performance.now() - shown < 500) return;
    shown = performance.now();
    requestAnimationFrame(paint);
    if (over) finished();
  }

  let painted = null;

  function paint() {
    if (painted === seen) return;
    painted = seen;
    progress();
    curves();
    if (!seen.scores) return empty();
    answer();
    bars();
    why();
    layers();
    if (model.shape.kind === "picture") charts.shades($("seen"), values ?? [], model.shape.rows, model.shape.columns);
  }

  function empty() {
    $("answer").replaceChildren("Draw something.", element("small"));
    tell("");
    document.querySelectorAll(".bar").forEach((row) => {
      row.classList.remove("best");
      row.querySelectorAll("i").forEach((part) => (part.style.width = "0"));
      row.querySelector(".value").textContent = "";
    });
    for (const id of ["seen", "map"]) pad.sharp($(id)).clearRect(0, 0, 9999, 9999);
    $("reason").textContent = "";
  }

  /** Tells a screen reader, once nothing has changed for a while. */
  const tell = (() => {
    let timer = 0;
    return (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => { $("live").textContent = text; }, LIVE);
    };
  })();

  function answer() {
    const [best, second] = [seen.best, seen.second].map((label) => name(label));
    const margin = seen.scores[seen.best] - seen.scores[seen.second];
    const sure = margin > 0.25 * Math.abs(seen.scores[seen.best]) ? "" : ` It could also be ${second}.`;
    const right = truth === null ? "" : truth === seen.best ? ` (right: a person wrote ${name(truth)})` : ` (wrong: a person wrote ${name(truth)})`;
    $("answer").replaceChildren(`I see ${best}.`, element("small", {}, `${sure}${right}`));
    tell(`I see ${best}.${sure}${right}`);
  }

  function bars() {
    const byLayer = model.kind !== 4;
    const parts = (label) => byLayer ? seen.layerScores.map((scores, l) => (l >= model.scoredFrom ? Math.max(0, scores[label]) : 0)) : [Math.max(0, seen.scores[label])];
    const most = Math.max(...model.names.map((_, label) => sum(parts(label))), 1e-9);
    document.querySelectorAll(".bar").forEach((row, label) => {
      parts(label).forEach((value, l) => { row.querySelectorAll("i")[l].style.width = `${(100 * value) / most}%`; });
      row.querySelector(".value").textContent = round(seen.scores[label]);
      row.classList.toggle("best", label === seen.best);
      row.setAttribute("aria-pressed", String($("label").value === String(label)));
      row.setAttribute("aria-label", `${name(label)}: ${scoreName()} ${round(seen.scores[label])}`);
    });
  }

  function picture() {
    const { rows, columns } = model.prepare;
    const place = isDrawn ? pad.placing(surface.strokes, model.dataset) : null;
    return { rows, columns, strokes: isDrawn ? surface.strokes : null, place, ink: isDrawn || rows * columns > 1024 ? null : values };
  }

  /** A map with a value for every cell of the picture: channels are added up, dropped cells have none. */
  function cells(map) {
    const { rows, columns, dropped, constant } = model.prepare;
    const all = new Float32Array(rows * columns);
    for (let i = 0; i < map.length - Number(constant > 0); i++) all[(i + dropped) % all.length] += map[i];
    return all;
  }

  const rival = () => (seen.against === null ? "the others" : name(seen.against));

  function why() {
    const most = charts.limit(seen.map.subarray(0, seen.map.length - Number(model.prepare.constant > 0)));
    if (model.shape.kind === "picture") charts.map($("map"), cells(seen.map), most, picture());
    else shares(most);
    $("scale-low").textContent = `${round(-most)} for ${rival()}`;
    $("scale-high").textContent = `for ${name(seen.label)} +${round(most)}`;
    const others = [...seen.scores].filter((_, label) => label !== seen.label);
    const against = seen.against === null ? sum(others) / others.length : seen.scores[seen.against];
    const gap = seen.scores[seen.label] - against;
    $("reason").textContent = seen.against === seen.label ? "Choose another label to compare with."
      : `${capital(scoreName())} ${round(seen.scores[seen.label])} for ${name(seen.label)}, ${round(against)} for ${seen.against === null ? "the others on average" : rival()}: ${round(Math.abs(gap))} ${gap >= 0 ? "more" : "less"}.`;
    $("map").setAttribute("aria-label", `Map of what speaks for ${name(seen.label)} in red and for ${rival()} in blue. ${where(seen.map)}`);
  }

  /** In words where a map is strongest. */
  function where(map) {
    const { rows, columns } = model.prepare;
    const [top] = [...cells(map).entries()].sort((a, b) => b[1] - a[1]);
    const [y, x] = [Math.floor(top[0] / columns) / rows, (top[0] % columns) / columns];
    if (model.shape.kind !== "picture") return "";
    const place = `${y < 1 / 3 ? "top" : y < 2 / 3 ? "middle" : "bottom"} ${x < 1 / 3 ? "left" : x < 2 / 3 ? "centre" : "right"}`;
    return `What speaks most for it is at the ${place}.`;
  }

  function shares(most) {
    $("shares").replaceChildren(...model.shape.names.flatMap((text, i) => {
      const part = (50 * Math.abs(seen.map[i])) / most;
      const style = `width:${part}%;${seen.map[i] >= 0 ? "left:50%" : `left:${50 - part}%`};background:${seen.map[i] >= 0 ? "var(--for)" : "var(--con)"}`;
      return [element("span", {}, text), element("span", { class: "track" }, element("i", { style })), element("span", {}, round(seen.map[i]))];
    }));
  }

  function layers() {
    let first = 0;
    document.querySelectorAll(".layer").forEach((card, l) => {
      const units = model.layers[l];
      const [own, other] = [seen.active, seen.activeOther].map((all) => all.slice(first, first + units));
      first += units;
      const most = Math.max(...own, ...other, 1e-9);
      const [ownBox, otherBox, mapBox] = card.querySelectorAll("div");
      [[ownBox, own, seen.label], [otherBox, other, seen.other]].forEach(([box, activities, label]) => {
        charts.units(box.firstChild, activities, most);
        const squares = activities.reduce((total, h) => total + h * h, 0);
        box.lastChild.innerHTML = "";
        if (model.slots === 0) box.lastChild.textContent = "the same under every label";
        else box.lastChild.append("as ", element("b", {}, name(label)), ": squares add up to ", element("b", {}, round(squares)));
        box.firstChild.setAttribute("aria-label", `Layer ${l + 1}, ${model.slots === 0 ? "any label" : `label ${name(label)}`}: squares of the activities add up to ${round(squares)}`);
      });
      if (model.shape.kind !== "picture") return;
      const map = cells(seen.layerMaps[l]);
      charts.map(mapBox.firstChild, map, charts.limit(map), picture());
      mapBox.firstChild.setAttribute("aria-label", `What layer ${l + 1} alone goes by`);
      mapBox.lastChild.textContent = `what layer ${l + 1} alone goes by`;
    });
  }

  function progress() {
    if (seen.learning) $("progress").textContent = `Learning: ${seen.learning.done.toLocaleString("en")} of ${seen.learning.steps.toLocaleString("en")} steps …${held()}`;
  }

  const held = () => (seen.right ? ` It recognises ${seen.right.right} of ${seen.right.of} digits that it has never learned (${((100 * seen.right.right) / seen.right.of).toFixed(1)} %).` : "");

  function finished() {
    const now = seen.scores ? ` It sees ${name(seen.best)} in this drawing now.` : "";
    $("progress").textContent = `Learned.${now}${held()}`;
    $("digits").textContent = "Learn the digits";
  }

  function curves() {
    $("curves-box").hidden = !(seen.history?.length > 0);
    if ($("curves-box").hidden) return;
    const threshold = (l) => (model.kind < 4 && model.kind !== 2 ? model.threshold * model.layers[l] : 0);
    document.querySelectorAll("#curves svg").forEach((svg, l) => {
      charts.curve(svg, seen.history, l, threshold(l));
      const [up, down] = seen.history[seen.history.length - 1].values.slice(2 * l);
      svg.setAttribute("aria-label", `Goodness of layer ${l + 1} after ${seen.history[seen.history.length - 1].step} steps: ${round(up)} with the right label, ${round(down)} with a wrong one`);
    });
  }

  // ---- What is asked and taught ----

  function ask() {
    const chosen = (id) => ($(id).value === "" ? null : Number($(id).value));
    return client.call("ask", { label: chosen("label"), against: chosen("against") }).then(receive);
  }

  /** Learns the sample with the label that was chosen. */
  function learn(steps, rate) {
    $("progress").textContent = "Learning …";
    return client.call("learn", { label: Number($("truth").value), steps, rate, share: 0.3, time: 2 * steps });
  }

  const on = (id, action, event = "click") => $(id).addEventListener(event, () => Promise.resolve(action()).catch(({ message }) => { $("progress").textContent = message; }));

  on("clear", () => surface.clear());
  on("digit", () => showDigit(1438 + Math.floor(Math.random() * 359)));
  on("label", ask, "change");
  on("against", ask, "change");
  on("truth", () => choose($("truth").value === "" ? null : Number($("truth").value)), "change");
  on("learn-one", () => learn(1, 0.01));
  on("learn-many", () => learn(500, 0.003));
  on("forget", async () => {
    receive(await client.call("forget", { seed: 1 + Math.floor(Math.random() * 1e9) }));
    $("progress").textContent = "Forgotten: all weights are random numbers. Its answers are guesses now.";
  });
  on("digits", async () => {
    if (seen.learning) {
      receive(await client.call("stop"));
      $("progress").textContent = "Stopped.";
      $("digits").textContent = "Learn the digits";
      return;
    }
    $("digits").textContent = "Stop";
    await client.call("learn", { label: null, steps: 20 * 1438, rate: 0.01, share: 0, time: 6000 });
  });
  on("restore", async () => {
    await start();
    $("progress").textContent = "As at the beginning.";
    $("file-note").textContent = "";
  });

  on("add", () => {
    const text = $("name").value.trim();
    if (text === "" || model.names.includes(text)) return $("name").focus();
    lesson = { text, label: model.classes, count: 0 };
    $("lesson").hidden = false;
    lessonState();
    surface.clear();
    $("pad").focus();
  });

  on("example", async () => {
    if (!isDrawn) { $("lesson-count").textContent = `Draw ${lesson.text} on the pad first.`; return; }
    lesson.count = (await client.call("example", { label: lesson.label })).count;
    lessonState();
    surface.clear();
  });

  function lessonState() {
    const { text, count } = lesson;
    $("lesson-count").textContent = count < 10 ? `${count} of 10 drawings of ${text}. Vary them a little.` : `${count} drawings of ${text}. Now let it learn.`;
    $("finish").disabled = count < 10;
    $("finish").classList.toggle("main", count >= 10);
  }

  on("finish", async () => {
    await client.call("addClass");
    model.names.push(lesson.text);
    model.classes++;
    $("bars").append(bar(lesson.label));
    options();
    $("lesson").hidden = true;
    $("name").value = "";
    $("progress").textContent = "Learning …";
    await client.call("learn", { label: null, steps: 10_000, rate: 0.003, share: 0.15, time: 2000 });
  });

  // ---- The device, and speed ----

  on("device", async () => {
    $("device").disabled = true;
    for (const [kernel, vector] of [["portable", false], ["vector", true]]) {
      const told = await client.call("device", { vector });
      const same = told.crc === $("golden").textContent;
      $(`${kernel}-crc`).textContent = told.crc;
      $(`${kernel}-crc`).classList.toggle("same", same);
      const verdict = same ? "The checksum is the chip's: not one bit differs." : "The checksum differs from the chip's.";
      $("device-note").textContent = `${told.steps.toLocaleString("en")} steps in ${(told.time / 1000).toFixed(2)} s; ${told.right} of 359 unknown digits recognised. ${verdict}`;
    }
    $("device").disabled = false;
  });

  on("bench", async () => {
    $("bench").disabled = true;
    $("bench-note").textContent = "Measuring …";
    const told = await client.call("bench");
    const count = (value) => Math.round(value).toLocaleString("en");
    $("bench-note").textContent = `A network of 64-32-32 learns ${count(told.vector)} steps a second with SIMD, ${count(told.portable)} with the portable kernel. An answer with its map takes ${told.answer.toFixed(2)} ms.`;
    Object.assign(document.documentElement.dataset, told);
    $("bench").disabled = false;
  });

  // ---- Own models ----

  async function open(file) {
    try {
      const next = reader.read(await file.arrayBuffer());
      await useModel(next);
      $("file-note").textContent = `${file.name}: ${next.classes} classes of ${next.dataset}, layers of ${next.layers.join(", ")} units, rule ${next.rule}. The page above works with it now.`;
    } catch (error) {
      $("file-note").textContent = `${file.name} is not loaded: ${error.message}.`;
    }
  }

  on("file", async () => {
    const [file] = $("file").files;
    // Emptied, so that the same file can be chosen again.
    if (file) await open(file).finally(() => { $("file").value = ""; });
  }, "change");

  window.addEventListener("resize", () => { surface.paint(); painted = null; paint(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { surface.paint(); painted = null; paint(); });
  document.documentElement.page = { open };

  begin().catch(({ message }) => complain(message));
})();

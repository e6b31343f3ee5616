// The page's reader and engine outside of a browser: how many digits a model gets wrong by them.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createContext, runInContext } from "node:vm";

/** How many of the 359 held-out digits a model of digits8x8 gets wrong, by the scripts of a page's folder. */
export async function wrongDigits(folder, file) {
  const context = createContext({ TextDecoder, TextEncoder });
  // What a script declares by `const` is not the context's own; its last value is.
  const script = (name, value) => runInContext(`${readFileSync(resolve(folder, name), "utf8")}\n${value}`, context);
  const module = Buffer.from(script("engine.js", "ENGINE"), "base64");
  const reader = script("reader.js", "reader");
  const engine = (await WebAssembly.instantiate(module)).instance.exports;
  const model = reader.read(new Uint8Array(readFileSync(file)).buffer);
  const place = (name, length) => new Float32Array(engine.memory.buffer, engine[name](), length);
  engine.set_rule(model.kind, model.threshold, model.temperature, model.scoredFrom);
  [model.prepare.features, ...model.layers].forEach((width) => engine.push_width(width));
  engine.reshape(model.classes, model.slots, model.readout);
  place("values", model.values.length).set(model.values);
  let wrong = 0;
  for (let digit = engine.training_digits(); ; digit++) {
    const label = engine.digit(digit, 0, 0);
    if (label === 255) return wrong;
    const features = reader.features(model.prepare, place("sample", 64).slice());
    place("sample", features.length).set(features);
    engine.answer();
    const scores = place("scores", model.classes);
    wrong += Number(scores.indexOf(Math.max(...scores)) !== label);
  }
}

"use strict";
// Speaks with the worker: a call is a promise, and what the worker sends by itself goes to listeners.

const client = (() => {
  const waiting = new Map();
  const listeners = { seen: () => {}, pass: () => {}, failed: () => {} };
  let next = 0;
  let worker = null;

  function decode(text) {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
  }

  function start() {
    const source = new Blob([`(${engineWorker})()`], { type: "text/javascript" });
    worker = new Worker(URL.createObjectURL(source));
    worker.onerror = (event) => listeners.failed(event.message);
    worker.onmessage = ({ data }) => {
      if (data.id === undefined) return listeners[Object.keys(listeners).find((name) => name in data)](data);
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      if ("error" in data) reject(new Error(data.error));
      else resolve(data.result);
    };
    return call("start", { bytes: decode(ENGINE) });
  }

  function call(name, value) {
    const id = next++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, call: name, value });
    });
  }

  return { start, call, decode, listeners };
})();

// Models that are damaged in a thousand ways, the same ones every time.

/** So many damaged copies of a model file: cut, with wrong bytes, of noise, and with records that say something else. */
export function damaged(model, count) {
  let state = 12345;
  const draw = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const ways = [cut, flip, noise, header, ...Array(4).fill(record)];
  return Array.from({ length: count }, (_, i) => ways[i % ways.length](model, draw));
}

const cut = (model, draw) => model.subarray(0, draw(model.length));

function flip(model, draw) {
  const copy = Buffer.from(model);
  for (let i = 0; i <= draw(4); i++) copy[draw(copy.length)] ^= 1 << draw(8);
  return copy;
}

const noise = (_, draw) => Buffer.from(Array.from({ length: draw(4000) }, () => draw(256)));

/** Another length of the header. */
function header(model, draw) {
  const copy = Buffer.from(model);
  copy.writeBigUInt64LE([0n, 1n, 2n ** 63n, BigInt(draw(5000)), BigInt(model.length)][draw(5)], 0);
  return copy;
}

const STRANGE = [0, -1, 1, 2, 3, 7, 1.5, 256, 257, 1e6, 1e300, 2 ** 31, 2 ** 53, null, "", "10", [], {}, true, [1e9], [32, 32], [1000, 1000, 1000, 1000], "n-way", "groups", "symba"];

/** One field of the record or of a tensor is another value, without a checksum that would tell. */
function record(model, draw) {
  const length = Number(model.readBigUInt64LE(0));
  const head = JSON.parse(model.subarray(8, 8 + length));
  const own = JSON.parse(head.__metadata__["forward-forward"]);
  const tensors = Object.values(head).filter((entry) => entry.data_offsets);
  const places = [own, own, own.recipe, own.recipe, own.recipe.rule, own.recipe.rule, ...tensors];
  const place = places[draw(places.length)];
  const names = Object.keys(place);
  place[names[draw(names.length)]] = STRANGE[draw(STRANGE.length)];
  delete head.checksum;
  head.__metadata__["forward-forward"] = JSON.stringify(own);
  const text = Buffer.from(JSON.stringify(head));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, model.subarray(8 + length)]);
}

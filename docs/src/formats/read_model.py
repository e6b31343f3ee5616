"""Reads a model of `ff` and computes the scores of every class for images, in NumPy alone."""

import json
import sys

import numpy as np

EPSILON = np.float32(1e-8)
CONTRASTIVE = ("classic", "mean-square", "symba", "minimised", "unsupervised")


def load(path):
    """The training record and the tensors of a model file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    record = json.loads(header.pop("__metadata__")["forward-forward"])
    header.pop("checksum", None)
    tensors = {}
    for name, about in header.items():
        first, end = about["data_offsets"]
        tensors[name] = np.frombuffer(data[first:end], "<f4").reshape(about["shape"])
    return record, tensors


def setting(record, name, earlier=None, default=None):
    """A field of the recipe or of its rule; earlier recipes are flat and have other names."""
    recipe = record["recipe"]
    rule = recipe["rule"] if isinstance(recipe["rule"], dict) else {}
    for place in (rule, recipe):
        for key in (name, earlier):
            if key in place:
                return place[key]
    return default


def rule_of(record):
    rule = record["recipe"]["rule"]
    return rule["kind"] if isinstance(rule, dict) else rule


def features(record, tensors, images):
    """Images x features, from images x height x width of whole numbers."""
    largest = record.get("maximum") or (16 if record["dataset"] == "digits8x8" else 255)
    x = (images / np.float32(largest)).astype(np.float32) ** np.float32(setting(record, "gamma", default=1.0))
    count, height, width = x.shape
    pool = setting(record, "pool", default=1)
    rows, columns = height // pool, width // pool
    cells = x[:, : rows * pool, : columns * pool].reshape(count, rows, pool, columns, pool)
    x = cells.mean(axis=(2, 4)).reshape(count, -1)
    takes_label = rule_of(record) in CONTRASTIVE[:-1]
    if takes_label and setting(record, "overlay") == "first-pixels":
        x = x[:, record["classes"] :]
    if setting(record, "centre"):
        x = x - x.mean(axis=1, keepdims=True)
    if "input.mean" in tensors:
        x = (x - tensors["input.mean"]) * tensors["input.scale"]
    return x


def normalise(h):
    """Rows with a mean square of 1."""
    return h / (EPSILON + np.sqrt((h * h).mean(axis=1, keepdims=True)))


def relu(z):
    return np.maximum(z, 0)


def layers(tensors):
    """Weights and biases, from the first layer to the last."""
    depth = sum(name.endswith(".biases") for name in tensors)
    return [(tensors[f"layer{l}.weights"], tensors[f"layer{l}.biases"]) for l in range(depth)]


def activities(tensors, x):
    """z of every layer."""
    found = []
    for weights, biases in layers(tensors):
        z = normalise(x) @ weights + biases
        found.append(z)
        x = relu(z)
    return found


def one_pass(record, tensors, x):
    """The sum of the scored layers' scores: images x classes."""
    classes, rule = record["classes"], rule_of(record)
    temperature = setting(record, "temperature", default=1.0)
    total, first = 0, 0
    for l, z in enumerate(activities(tensors, x)):
        units = z.shape[1]
        if rule == "groups":
            owner = np.arange(units) * classes // units
            squares = relu(z) ** 2
            scores = np.stack([squares[:, owner == y].sum(axis=1) for y in range(classes)], axis=1) / temperature
        else:
            # One row a class. Format 1 has the rows of all layers in one tensor, whose declared shape is wrong.
            rows = tensors.get(f"layer{l}.readout")
            if rows is None:
                rows = tensors["readout"].reshape(-1)[first : first + classes * units].reshape(classes, units)
                first += classes * units
            if rule == "n-way":
                lifted = relu(z[:, None, :] + rows[None])
                scores = (lifted**2).sum(axis=2) / (temperature * np.sqrt(units))
            else:
                scores = relu(z) @ rows.T
        if l >= scored_from(record):
            total = total + scores
    return total


def scored_from(record):
    """The first layer that counts; a number past the last means the last alone."""
    first = setting(record, "first_scored_layer", "scored_layers", 0)
    return min(first, len(record["recipe"]["layers"]) - 1)


def by_goodness(record, tensors, x):
    """The goodness of every label, each put on the label inputs in turn: images x classes."""
    scores = []
    for label in np.eye(record["classes"], dtype=np.float32):
        row = np.concatenate([np.tile(label, (len(x), 1)), x], axis=1)
        goodness = [(relu(z) ** 2).sum(axis=1) for z in activities(tensors, row)]
        scores.append(sum(goodness[scored_from(record) :]))
    return np.stack(scores, axis=1)


def by_readout(record, tensors, x):
    """The readout's probability of every class, from one pass with all label inputs equal."""
    classes = record["classes"]
    if tensors["layer0.weights"].shape[0] > x.shape[1]:
        x = np.concatenate([np.full((len(x), classes), 1 / classes, np.float32), x], axis=1)
    z = activities(tensors, x)
    first = 1 if len(z) > 1 else 0
    upper = np.concatenate([normalise(relu(z)) for z in z[first:]], axis=1)
    weights = tensors.get("readout")
    if weights is None:
        weights = np.concatenate([tensors[f"layer{l}.readout"] for l in range(first, len(z))])
    logits = upper @ weights
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def scores(path, images, reading):
    """Every class's score for each image, by "goodness" or by "readout"."""
    record, tensors = load(path)
    x = features(record, tensors, images)
    rule = rule_of(record)
    if rule not in CONTRASTIVE:
        return one_pass(record, tensors, x)
    if reading == "readout":
        return by_readout(record, tensors, x)
    return by_goodness(record, tensors, x) * (-1 if rule == "minimised" else 1)


if __name__ == "__main__":
    model, images, out, reading = sys.argv[1:]
    np.save(out, scores(model, np.load(images), reading).astype(np.float32))

"""Exponentially smoothed rates and means (docs/flow-definitions.md, "Values"), as sums over all samples."""
import collections
import math

from oracle import language


def number(value, sample):
    """What one sample counts, before scaling; None: nothing."""
    if value in ("bytes", "Bps"):
        return sample.bytes
    if value == "bps":
        return sample.bytes * 8
    if value in ("frames", "fps", "requests"):
        return 1
    texts = sample.keys.get(value, ())
    return float(texts[0]) if texts else None


def counted(definition, samples, tables):
    """[((agent, data source, flow key), sample)] of the samples that the definition counts."""
    keys = definition.get("keys") or []
    keys = keys if isinstance(keys, list) else language.split(keys, ",")
    keys = [language.key(k, tables) for k in keys]
    decide = language.Filter(definition.get("filter") or "", tables).decide
    pooled = str(definition.get("aggMode", "")).lower() == "agent"
    found = []
    for sample in samples:
        if decide(sample):
            parts = [k(sample) for k in keys]
            if None not in parts:
                found.append(((sample.identity[0], "" if pooled else sample.source, definition.get("fs", ",").join(parts)), sample))
    return found


def values_of(definition):
    extra = definition.get("values") or []
    return [definition["value"], *(extra if isinstance(extra, list) else extra.split(","))]


def flows(definition, found, end):
    """{flow: (values, time of the last sample)} at `end`, of what counted() found."""
    t = float(definition.get("t", 2))
    values = values_of(definition)
    sums = collections.defaultdict(lambda: [[0.0, 0.0] for _ in values])
    last = {}
    for flow, sample in found:
        weight = sample.rate * math.exp((sample.time - end) / t)
        last[flow] = max(last.get(flow, 0), sample.time)
        for cell, value in zip(sums[flow], values):
            amount = None if value.startswith("count:") else number(value.split(":")[-1], sample)
            if amount is not None:
                cell[0] += weight * amount
                cell[1] += weight
    return {flow: ([(c[0] / c[1] if c[1] else 0.0) if value.startswith("avg:") else c[0] / t for c, value in zip(cells, values)], last[flow])
            for flow, cells in sums.items()}

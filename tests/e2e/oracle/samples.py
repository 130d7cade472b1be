"""Flow samples of a capture, as the reference decoder printed them."""
import gzip
import json
from datetime import datetime

from oracle.dissect import Headers


class Sample:
    """One flow sample: `keys` maps a key's name to its texts, outermost first."""

    def __init__(self, datagram, sample, header):
        self.time = datagram["seconds"] + int(datagram["pcapTimestamp_uS"]) / 1e6
        self.rate = int(sample["meanSkipCount"]) or 1
        self.agent, (kind, index) = datagram["agent"], sample["sourceId"].split(":")
        self.source = index if kind == "0" else f"{kind}.{index}"
        self.identity = (self.agent.upper(), self.source, sample["sampleSequenceNo"], sample["samplePool"])
        self.bytes = int(header["sampledPacketSize"])
        octets = bytes.fromhex(header["headerBytes"].replace("-", ""))
        headers = Headers(int(header["headerProtocol"]), octets)
        self.reference, self.known = header, headers.known
        keys = self.keys = headers.keys
        for name, port in (("inputifindex", sample["inputPort"]), ("outputifindex", sample["outputPort"])):
            keys[name] = [port_text(port)]
        if kind == "0" and index == sample["inputPort"]:
            keys["direction"] = ["ingress"]
        elif kind == "0" and index == sample["outputPort"]:
            keys["direction"] = ["egress"]
        keys.update(stack=[".".join(headers.stack)] if headers.stack else [], bytes=[str(self.bytes)], frames=["1"], requests=["1"],
                    stripped=[header["strippedBytes"]], samplingrate=[sample["meanSkipCount"]], agent=[self.identity[0]],
                    datasource=[self.source])


def port_text(port):
    if port.startswith("dropCode"):
        return "discard"
    if port.startswith("multiple"):
        return "multiple"
    return {"0": "unknown", str(0x3FFFFFFF): "internal"}.get(port, port)


def of(datagrams):
    """(flow samples with one sampled header, time of the last datagram, number of other flow samples)."""
    samples, end, others = [], 0, 0
    for datagram in datagrams:
        end = max(end, datagram["seconds"] + int(datagram["pcapTimestamp_uS"]) / 1e6)
        for sample in datagram.get("samples", ()):
            if sample.get("sampleType") != "FLOWSAMPLE":
                continue
            headers = [e for e in sample.get("elements", ()) if e.get("flowBlock_tag") == "0:1"]
            if len(headers) == 1:
                samples.append(Sample(datagram, sample, headers[0]))
            else:
                others += 1
    return samples, end, others


def read(capture):
    """What the reference decoder printed of a shared capture, with the time as a number."""
    path = capture.with_name(capture.name + ".sflowtool.json")
    text = path.read_text() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes()).decode()
    datagrams = json.loads(text)
    for datagram in datagrams:
        datagram["seconds"] = int(datetime.strptime(datagram["pcapTimestamp"], "%Y-%m-%dT%H:%M:%S%z").timestamp())
    return datagrams

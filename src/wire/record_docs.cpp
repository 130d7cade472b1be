#include "wire/record_docs.h"

#include "wire/record_table.h"

namespace weir::wire {

namespace {

constexpr const char* kHead = R"(# Records

<!-- Made by recordsMarkdown() from src/wire/records.def; a test compares (WEIR_UPDATE_DOCS=1 writes it anew). -->

Every record that weir reads, by its number (enterprise:format), name and fields as published. Other records are skipped.
A record that is shorter than its structure, or that has a count or length that does not fit, is counted as malformed and
gives nothing; octets behind the last field are ignored.

Records of a sample may come in any order, and some agents send several of a kind in one sample. What that means:

| several | what further ones in the same sample mean |
|---|---|
)";

constexpr const char* kLayers = R"(
The records that describe the packet of a flow sample or a drop notification are about one packet:

- A sampled_header is the packet, and the first one counts. Other records beside it only tell what it does not: an Ethernet
  header in front of an IP header, the IP header where the sampled octets end before it, the ports where they end before
  those.
- Without a header, sampled_ethernet and sampled_ipv4 or sampled_ipv6 are layers: the keys of all of them have values.
- A further sampled_ipv4 or sampled_ipv6 is the packet inside the other where that has protocol 4 or 41; else it is
  ignored.
- The octets of the packet count once: frame_length of the header, else the length of the Ethernet record, else that of
  the outer IP record.
)";

std::string_view severalName(RecordSeveral several) {
  switch (several) {
    case RecordSeveral::first:
      return "first";
    case RecordSeveral::layers:
      return "layers";
    case RecordSeveral::numbered:
      return "numbered";
    case RecordSeveral::ownPort:
      return "own port";
    case RecordSeveral::ownVlan:
      return "own VLAN";
  }
  return {};
}

void appendTable(std::string& out, RecordSpace space) {
  out += "\n| number | record | several | published | fields |\n|---|---|---|---|---|\n";
  for (const RecordSpec& spec : recordTable()) {
    if (spec.space != space) continue;
    out += "| " + std::to_string(spec.tag >> 12) + ":" + std::to_string(spec.tag & 0xFFF) + " | " +
           std::string(spec.name) + " | " + std::string(severalName(spec.several)) + " | " +
           std::string(recordStatusName(spec.status)) + " |";
    const char* before = " ";
    for (const FieldSpec& field : spec.fields) {
      out += before + std::string(field.name);
      before = ", ";
    }
    out += " |\n";
  }
}

}  // namespace

std::string recordsMarkdown() {
  std::string out = kHead;
  for (const RecordSeveral several : {RecordSeveral::first, RecordSeveral::layers, RecordSeveral::numbered,
                                      RecordSeveral::ownPort, RecordSeveral::ownVlan}) {
    out += "| " + std::string(severalName(several)) + " | " + std::string(recordSeveralText(several)) + " |\n";
  }
  out += kLayers;
  out += "\n## Flow records\n\nIn flow samples and drop notifications.\n";
  appendTable(out, RecordSpace::flow);
  out += "\n## Counter records\n\nIn counter samples.\n";
  appendTable(out, RecordSpace::counter);
  return out;
}

}  // namespace weir::wire

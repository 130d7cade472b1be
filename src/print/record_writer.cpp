#include "print/record_writer.h"

#include <algorithm>
#include <array>
#include <string>

#include "print/reference_table.h"

namespace weir::print {

using wire::Fault;
using wire::FieldType;
using wire::FieldValue;
using wire::Record;

namespace {

constexpr unsigned kMostNested = 2;  // records inside extended_80211_aggregation inside another one
constexpr std::string_view kDirections[] = {"unknown", "received", "sent"};
constexpr std::string_view kAppStatus[] = {"OK",          "OTHER",       "TIMEOUT",     "INTERNAL_ERROR",
                                           "BAD_REQUEST", "FORBIDDEN",   "TOO_LARGE",   "NOT_IMPLEMENTED",
                                           "NOT_FOUND",   "UNAVAILABLE", "UNAUTHORIZED"};

bool isNegative(const FieldValue& value) {
  return value.type == FieldType::i32 && value.integer() < 0;
}
std::uint32_t unsignedNumber(const FieldValue& value) {
  return static_cast<std::uint32_t>(value.number);
}

/// AS numbers joined by dashes, in parentheses where they are a set: what one segment of a path looks like.
void appendSegment(LineWriter& out, const wire::AsPathReader::Segment& segment) {
  const bool set = segment.type == wire::AsPathReader::kSet;
  if (set) out.out().push_back('(');
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (i != 0) out.out().push_back('-');
    out.appendNumber(segment.at(i));
  }
  if (set) out.out().push_back(')');
}

}  // namespace

/// The fields of one record as far as they could be read.
struct RecordWriter::Fields {
  static constexpr std::size_t kMost = 40;

  Fields(const wire::RecordSpec& fieldSpec, const Layout& fieldLayout, const Record& record)
      : spec(fieldSpec), layout(fieldLayout), dialect(record.dialect), data(record.data) {
    wire::XdrReader in(record.data);
    for (const wire::FieldSpec& field : spec.fields) {
      if (count == kMost || (field.optional && in.left() < minimumSize(field.type))) break;
      FieldValue& value = values[count];
      value.type = field.type;
      value.name = field.name;
      const std::size_t before = in.left();
      wire::readField(in, value);
      if (!in.ok()) {
        unread = data.subspan(data.size() - before);
        fault = data.size() < spec.minimumLength ? Fault::recordShort : Fault::recordContent;
        break;
      }
      ++count;
    }
  }

  [[nodiscard]] const FieldValue* at(std::size_t i) const { return i < count ? &values[i] : nullptr; }
  [[nodiscard]] const FieldValue* named(std::string_view name) const {
    for (std::size_t i = 0; i < count; ++i)
      if (values[i].name == name) return &values[i];
    return nullptr;
  }

  const wire::RecordSpec& spec;
  const Layout& layout;
  wire::Dialect dialect;
  Bytes data;
  std::array<FieldValue, kMost> values;
  std::size_t count = 0;
  Bytes unread;  ///< from the field that does not fit
  Fault fault = wire::kNoFault;
};

void RecordWriter::write(const Record& record, Fault fault) {
  out_.beginObject();
  out_.setPrefix(prefix_);
  if (record.dialect == wire::Dialect::v5)
    out_.pairMember(space_ == wire::RecordSpace::flow ? "flowBlock_tag" : "counterBlock_tag", record.tag >> 12,
                    record.tag & 0xFFF);
  writeBody(record, fault);
  out_.setPrefix({});
  if (fault != wire::kNoFault) out_.member("fault", wire::faultName(fault));
  out_.endObject();
}

void RecordWriter::writeBody(const Record& record, Fault& fault) {
  const Layout* layout = layoutOf(space_, record.tag);
  const wire::RecordSpec* spec = wire::recordSpec(space_, record);
  if (layout == nullptr || spec == nullptr) return specNames([&] { out_.hexMember("data", record.data); });
  const Fields fields(*spec, *layout, record);
  if (fault == wire::kNoFault) fault = fields.fault;
  const ReferenceRecord* reference = layout->reference;
  if (reference == nullptr) {
    specNames([&] {
      for (std::size_t i = 0; i < fields.count; ++i) writeNatural(fields.values[i].name, fields.values[i], false);
    });
    return;
  }
  if (reference->special != Special::none) return writeSpecial(fields);
  if (!reference->kindKey.empty()) out_.member(reference->kindKey, reference->kindValue);
  writeColumns(fields);
}

void RecordWriter::writeColumns(const Fields& fields) {
  const std::size_t count = std::min(fields.count, fields.layout.columns.size());
  for (std::size_t i = 0; i < count; ++i) writeShown(fields.values[i], fields, i);
}

void RecordWriter::writeShown(const FieldValue& value, const Fields& fields, std::size_t index) {
  const Column& column = fields.layout.columns[index];
  switch (column.shown) {
    case Shown::natural:
      writeNatural(column.name, value, true);
      return writeCorrected(value);
    case Shown::always:
      return out_.member(column.name, value.text());
    case Shown::percentage:
      if (value.integer() == -1) return out_.member(column.name, std::string_view("unknown"));
      out_.key(column.name);
      out_.real(static_cast<float>(unsignedNumber(value)) / 100.0F, 2);
      return writeCorrected(value);
    case Shown::hex64: {
      std::array<std::uint8_t, 8> octets;
      storeBe64(octets.data(), value.number);
      return out_.hexMember(column.name, octets);
    }
    case Shown::uuid:
      out_.key(column.name);
      return out_.quoted([&] {
        constexpr std::size_t kGroups[] = {4, 2, 2, 2, 6};
        std::size_t at = 0;
        for (const std::size_t group : kGroups) {
          if (at != 0) out_.out().push_back('-');
          out_.appendHex(value.bytes.subspan(at, group));
          at += group;
        }
      });
    case Shown::mplsStack:
      out_.key(column.name);
      return out_.quoted([&] {
        for (std::size_t i = 0; i < value.number; ++i) {
          const std::uint32_t entry = value.at(i);
          if (i != 0) out_.out().push_back('-');
          out_.appendNumber(entry >> 12);
          for (const std::uint32_t part : {entry >> 9 & 7, entry >> 8 & 1, entry & 0xFF}) {
            out_.out().push_back('.');
            out_.appendNumber(part);
          }
        }
      });
    case Shown::vlanStack:
      if (value.number == 0) return;
      out_.key(column.name);
      return out_.quoted([&] {
        for (std::size_t i = 0; i < value.number; ++i) {
          std::array<std::uint8_t, 4> tag;
          storeBe32(tag.data(), value.at(i));
          if (i != 0) out_.out().push_back('-');
          out_.out().append("0x");
          out_.appendHex(Bytes(tag).first(2));
          out_.appendNumber(value.at(i) >> 13 & 7);
          for (const std::uint32_t part : {value.at(i) >> 12 & 1, value.at(i) & 0xFFF}) {
            out_.out().push_back('.');
            out_.appendNumber(part);
          }
        }
      });
    case Shown::appStatus:
      if (value.number < std::size(kAppStatus)) return out_.member(column.name, kAppStatus[value.number]);
      return out_.member(column.name, "<out-of-range=" + std::to_string(value.number) + ">");
    case Shown::direction:
      if (value.number < std::size(kDirections)) return out_.member(column.name, kDirections[value.number]);
      out_.member(column.name, std::string_view("<bad value>"));
      return specNames([&] { out_.member(value.name, value.number); });
  }
}

void RecordWriter::writeNatural(std::string_view name, const FieldValue& value, bool skipEmpty) {
  switch (value.type) {
    case FieldType::u32:
    case FieldType::u64:
      return out_.member(name, value.number);
    case FieldType::i32:
      if (skipEmpty) return out_.member(name, unsignedNumber(value));
      return out_.signedMember(name, value.integer());
    case FieldType::f32:
    case FieldType::f64:
      out_.key(name);
      return out_.real(value.real, 3);
    case FieldType::ip4:
    case FieldType::ip6:
    case FieldType::addr:
      return out_.addressMember(name, value.bytes);
    case FieldType::str:
      if (skipEmpty && value.bytes.empty()) return;
      return out_.member(name, value.text());
    case FieldType::opaque:
      // A path is opaque by type and UTF-8 by meaning (extended_nfs_storage_transaction).
      if (value.name == "path") return out_.member(name, value.text());
      return out_.hexMember(name, value.bytes);
    case FieldType::u32s:
      if (skipEmpty && value.number == 0) return;
      out_.key(name);
      out_.beginArray();
      for (std::size_t i = 0; i < value.number; ++i) out_.number(value.at(i));
      return out_.endArray();
    case FieldType::pdus:
      out_.key(name);
      return writePdus(value);
    default:
      return out_.hexMember(name, value.bytes);
  }
}

/// The true value of a number that the reference shows as if it were unsigned.
void RecordWriter::writeCorrected(const FieldValue& value) {
  if (isNegative(value)) specNames([&] { out_.signedMember(value.name, value.integer()); });
}

void RecordWriter::writeUnlessZero(const FieldValue* value) {
  if (value != nullptr && value->number != 0) specNames([&] { out_.member(value->name, value->number); });
}

void RecordWriter::writePdus(const FieldValue& value) {
  if (depth_ == kMostNested) return out_.hex(value.bytes);
  out_.beginArray();
  wire::PduReader pdus(value);
  wire::RecordReader records;
  while (pdus.next(records)) {
    out_.beginArray();
    Record record;
    RecordWriter inner(out_, space_, {}, memory_);
    inner.depth_ = depth_ + 1;
    while (records.next(record)) inner.write(record);
    out_.endArray();
  }
  out_.endArray();
}

/// A member whose name is put together, left out where the record ends before it.
void RecordWriter::named(std::string_view prefix, std::string_view name, const FieldValue* value) {
  if (value != nullptr) writeNatural(std::string(prefix).append(name), *value, true);
}

void RecordWriter::writeSpecial(const Fields& fields) {
  switch (fields.layout.reference->special) {
    case Special::header:
      return writeHeader(fields);
    case Special::payload:
      return writePayload(fields);
    case Special::ethernet:
      return writeEthernet(fields);
    case Special::ip:
      return writeIp(fields);
    case Special::gateway:
      return writeGateway(fields);
    case Special::user:
      return writeUser(fields);
    case Special::lag:
      return writeLag(fields);
    case Special::lanes:
      return writeLanes(fields);
    case Special::adapters:
      return writeAdapters(fields);
    case Special::none:
      return;
  }
}

void RecordWriter::writeHeader(const Fields& fields) {
  const FieldValue* protocol = fields.named("protocol");
  const FieldValue* length = fields.named("frame_length");
  const FieldValue* stripped = fields.named("stripped");
  const FieldValue* bytes = fields.named("header");
  out_.member("flowSampleType", std::string_view("HEADER"));
  named("", "headerProtocol", protocol);
  named("", "sampledPacketSize", length);
  named("", "strippedBytes", stripped);
  if (bytes == nullptr) {
    if (length != nullptr && fields.unread.size() >= 4) out_.member("headerLen", loadBe32(fields.unread.data()));
    return;
  }
  out_.member("headerLen", std::uint64_t{bytes->bytes.size()});
  out_.key("headerBytes");
  out_.dashedHex(bytes->bytes);
  writeSampledHeader(out_,
                     {bytes->bytes, unsignedNumber(*protocol), unsignedNumber(*length),
                      stripped == nullptr ? 0 : unsignedNumber(*stripped)},
                     memory_);
}

// The reference expects a whole sampled_header behind the cipher suite. Where the record holds the payload that the
// specification has there, it shows the first words of it as fields of that header, and stops.
void RecordWriter::writePayload(const Fields& fields) {
  named("", "cipher_suite", fields.at(0));
  if (fields.named("header") != nullptr) return writeHeader(fields);
  const FieldValue* payload = fields.named("data");
  if (payload == nullptr) return;
  out_.member("flowSampleType", std::string_view("HEADER"));
  out_.member("headerProtocol", loadBe32(fields.data.data() + 4));
  if (fields.data.size() >= 12) out_.member("sampledPacketSize", loadBe32(fields.data.data() + 8));
  specNames([&] { out_.hexMember("data", payload->bytes); });
}

void RecordWriter::writeEthernet(const Fields& fields) {
  const ReferenceRecord& reference = *fields.layout.reference;
  out_.member(reference.kindKey, std::string(reference.prefix).append(reference.kindValue));
  named(reference.prefix, "ethernet_type", fields.at(3));
  named(reference.prefix, "ethernet_len", fields.at(0));
  named(reference.prefix, "ethernet_src", fields.at(1));
  named(reference.prefix, "ethernet_dst", fields.at(2));
}

void RecordWriter::writeIp(const Fields& fields) {
  const ReferenceRecord& reference = *fields.layout.reference;
  const std::string_view prefix = reference.prefix;
  const bool v6 = reference.kindValue == "IPV6";
  out_.member(reference.kindKey, std::string(prefix).append(reference.kindValue));
  named(prefix, "sampledPacketSize", fields.at(0));
  named(prefix, "IPSize", fields.at(0));
  named(prefix, v6 ? "srcIP6" : "srcIP", fields.at(2));
  named(prefix, v6 ? "dstIP6" : "dstIP", fields.at(3));
  named(prefix, "IPProtocol", fields.at(1));
  named(prefix, v6 ? "priority" : "IPTOS", fields.at(7));
  constexpr std::uint32_t kIcmp = 1, kTcp = 6, kUdp = 17;
  const FieldValue* sourcePort = fields.at(4);
  const FieldValue* destinationPort = fields.at(5);
  const FieldValue* tcpFlags = fields.at(6);
  const std::uint64_t protocol = fields.count > 1 ? fields.at(1)->number : 0;
  if (protocol == kTcp) {
    named(prefix, "TCPSrcPort", sourcePort);
    named(prefix, "TCPDstPort", destinationPort);
    return named(prefix, "TCPFlags", tcpFlags);
  }
  if (protocol == kUdp) {
    named(prefix, "UDPSrcPort", sourcePort);
    named(prefix, "UDPDstPort", destinationPort);
  } else if (protocol == kIcmp && !v6) {
    named(prefix, "ICMPType", sourcePort);
    writeUnlessZero(destinationPort);
  } else {
    writeUnlessZero(sourcePort);
    writeUnlessZero(destinationPort);
  }
  writeUnlessZero(tcpFlags);
}

void RecordWriter::writeGateway(const Fields& fields) {
  out_.member("extendedType", std::string_view("GATEWAY"));
  named("", "bgp_nexthop", fields.named("nexthop"));
  named("", "my_as", fields.named("as"));
  named("", "src_as", fields.named("src_as"));
  named("", "src_peer_as", fields.named("src_peer_as"));
  const FieldValue* path = fields.named("dst_as_path");
  if (path == nullptr) return;
  const bool flat = fields.dialect == wire::Dialect::v2;
  const auto segments = [&] {
    return flat ? wire::AsPathReader::flat(path->bytes)
                : wire::AsPathReader(static_cast<std::uint32_t>(path->number), path->bytes);
  };
  std::uint32_t firstAs = 0, lastAs = 0;
  std::size_t segmentCount = 0, asCount = 0;
  wire::AsPathReader::Segment segment;
  for (auto reader = segments(); reader.next(segment); ++segmentCount) {
    if (segment.size() == 0) continue;
    if (asCount == 0) firstAs = segment.at(0);
    lastAs = segment.at(segment.size() - 1);
    asCount += segment.size();
  }
  const auto writePath = [&] {
    if (asCount == 0) return;
    out_.key("dst_as_path");
    out_.quoted([&] {
      for (auto reader = segments(); reader.next(segment);) appendSegment(out_, segment);
    });
  };
  if (!flat) writePath();
  out_.member("dst_as", lastAs);
  out_.member("dst_peer_as", firstAs);
  if (flat) {
    out_.member("dst_as_path_len", std::uint64_t{asCount});
    return writePath();
  }
  if (const FieldValue* communities = fields.named("communities"); communities != nullptr && communities->number != 0) {
    out_.key("BGP_communities");
    out_.quoted([&] {
      for (std::size_t i = 0; i < communities->number; ++i) {
        if (i != 0) out_.out().push_back('-');
        out_.appendNumber(communities->at(i));
      }
    });
  }
  named("", "BGP_localpref", fields.named("localpref"));
  if (segmentCount < 2) return;
  specNames([&] {
    out_.key("dst_as_path_segments");
    out_.beginArray();
    for (auto reader = segments(); reader.next(segment);) out_.quoted([&] { appendSegment(out_, segment); });
    out_.endArray();
  });
}

void RecordWriter::writeUser(const Fields& fields) {
  out_.member("extendedType", std::string_view("USER"));
  named("", "src_user_charset", fields.named("src_charset"));
  named("", "dst_user_charset", fields.named("dst_charset"));
  for (const std::string_view name : {"src_user", "dst_user"})
    if (const FieldValue* user = fields.named(name); user != nullptr) out_.member(name, user->text());
}

void RecordWriter::writeLag(const Fields& fields) {
  constexpr std::string_view kStates[] = {"actorAdminPortState", "actorOperPortState", "partnerAdminPortState",
                                          "partnerOperPortState"};
  constexpr std::string_view kCounters[] = {"LACPDUsRx",    "markerPDUsRx",        "markerResponsePDUsRx",
                                            "unknownRx",    "illegalRx",           "LACPDUsTx",
                                            "markerPDUsTx", "markerResponsePDUsTx"};
  named("", "actorSystemID", fields.at(0));
  named("", "partnerSystemID", fields.at(1));
  named("", "attachedAggID", fields.at(2));
  if (const FieldValue* states = fields.at(3); states != nullptr)
    for (std::size_t i = 0; i < std::size(kStates); ++i) out_.member(kStates[i], std::uint32_t{states->bytes[i]});
  for (std::size_t i = 0; i < std::size(kCounters); ++i) named("", kCounters[i], fields.at(4 + i));
}

void RecordWriter::writeLanes(const Fields& fields) {
  // The reference prints most of these names before it fills in their place holders.
  constexpr std::string_view kNames[wire::kLaneFields] = {"index",
                                                          "tx_bias_current_uA",
                                                          "tx_power_uW.%u",
                                                          "tx_power_min_uW.%u",
                                                          "tx_power_max_uW.%u",
                                                          "tx_wavelength_nM.%u",
                                                          "rx_power_uW.%u",
                                                          "rx_power_min_uW.%u",
                                                          "rx_power_max_uW.%u",
                                                          "rx_wavelength_nM.%u"};
  constexpr std::size_t kLanesField = 4;
  for (std::size_t i = 0; i < std::min(fields.count, kLanesField); ++i) writeShown(fields.values[i], fields, i);
  const FieldValue* lanes = fields.at(kLanesField);
  if (lanes == nullptr) return;
  out_.member("sfp_module_active_lanes", lanes->number);
  out_.key("sfp_lanes");
  specNames([&] {
    out_.beginArray();
    for (std::size_t lane = 0; lane < lanes->number; ++lane) {
      out_.beginObject();
      for (std::size_t i = 0; i < wire::kLaneFields; ++i) {
        const std::uint32_t value = lanes->at(lane * wire::kLaneFields + i);
        out_.member(kNames[i], value);
        out_.member(std::string("sfp_lane_").append(kNames[i]).append(".").append(std::to_string(lane)), value);
      }
      out_.endObject();
    }
    out_.endArray();
  });
}

void RecordWriter::writeAdapters(const Fields& fields) {
  const FieldValue* adapters = fields.at(0);
  if (adapters == nullptr) return;
  out_.key("adaptor_list");
  specNames([&] {
    out_.beginArray();
    wire::AdapterReader reader(*adapters);
    for (wire::AdapterReader::Adapter adapter; reader.next(adapter);) {
      out_.beginObject();
      out_.member("ifIndex", adapter.ifIndex);
      out_.member("MACs", std::uint64_t{adapter.size()});
      out_.key("mac_list");
      out_.beginArray();
      for (std::size_t i = 0; i < adapter.size(); ++i) out_.hex(adapter.mac(i));
      out_.endArray();
      out_.endObject();
    }
    out_.endArray();
  });
}

}  // namespace weir::print

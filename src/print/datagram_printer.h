#pragma once
#include <cstdint>
#include <string>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "print/line_writer.h"
#include "print/sampled_header.h"
#include "wire/datagram.h"

/// The lines of `weir decode`: one JSON document for each UDP payload, in the shape of `sflowtool -J`.
namespace weir::print {

/// One UDP payload and how it came.
struct Received {
  Bytes payload;
  Nanos time = 0;  ///< of the capture, or of arrival
  IpAddress source;
  std::uint16_t sourcePort = 0;
  std::uint16_t destinationPort = 0;
  bool fromCapture = false;
  Bytes frame;  ///< the captured frame that carried it, link layer first; empty when it is not known
};

/// Prints datagrams of versions 2, 4 and 5, and a line for whatever else arrives. All values are strings; a name that
/// the reference prints several times in one object has a list. What the reference prints keeps its name, value and
/// order, its faults included; to this come, under names of their own:
///   - records and fields that it leaves out (record_writer.h), with the names of the specification;
///   - `data`: the octets of a sample of unknown type;
///   - `fault`: the name of what is wrong (wire::faultName), in the datagram, sample or record where it was met; a list
///     where there are several. All that could be read is printed all the same;
///   - udpPayloadSize: the true size, where the reference shows another one (see writeTop).
/// Never fails; what it keeps is bounded (64 KiB). Thread: one at a time.
class DatagramPrinter {
 public:
  /// Appends one line of JSON without the newline.
  void print(const Received& received, std::string& out);

 private:
  DatagramMemory memory_;
};

}  // namespace weir::print

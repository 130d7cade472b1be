#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "print/datagram_printer.h"

namespace weir::print::test {

/// Lines of a shared file beside a capture that holds a JSON array with one object a line: the objects as text. Reads
/// `path`, or `path`.gz where that is what there is. Empty where there is neither.
std::vector<std::string> objectLines(const std::string& path);

/// Every shared capture (file names) that has a reference output.
std::vector<std::string> referenceCaptures();

/// What the printer makes of a capture, a line a payload. Fails the running test when the capture cannot be read.
std::vector<std::string> printCapture(const std::string& path);

/// A datagram as it comes from a socket or, with `fromCapture`, from a file; printed by a fresh printer.
std::string printed(Bytes payload, bool fromCapture = false);

}  // namespace weir::print::test

#pragma once
#include "print/line_writer.h"
#include "print/sampled_header.h"
#include "wire/datagram.h"

namespace weir::print {

/// Writes one sample with its records. `version`: of its datagram. `memory` as in writeSampledHeader.
void writeSample(LineWriter& out, const wire::Sample& sample, std::uint32_t version, const DatagramMemory* memory);

/// Writes what there is of a version 5 sample whose length runs out of the datagram: `rest` begins at its tag.
void writeCutSample(LineWriter& out, Bytes rest, const DatagramMemory* memory);

}  // namespace weir::print

#pragma once
#include <memory>

#include "engine/agent.h"
#include "engine/definitions.h"
#include "flow/definition.h"
#include "flow/flow_log.h"
#include "ipfix/flow_export.h"

namespace weir::engine {

/// How the records of a definition are exported; nullptr: it has no ipfixCollectors.
[[nodiscard]] std::shared_ptr<const ipfix::FlowExport> ipfixExportOf(const flow::CompiledDefinition& compiled);

/// A flow record of a definition that has, as its collectors get it. `timeOfDayOffset`: added to its times.
[[nodiscard]] ipfix::Record ipfixRecordOf(const FlowEntry& flow, const IpAddress& agent, const wire::DataSource& source,
                                          const flow::FlowLogTable::Record& record, Nanos timeOfDayOffset);

}  // namespace weir::engine

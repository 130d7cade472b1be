#include "engine/flow_recorder.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/ipfix_export.h"

namespace weir::engine {

bool FlowRecorder::records(const FlowEntry& flow) const {
  return flow.compiled->definition().log || (exportAllowed_ && flow.ipfix != nullptr);
}

const FlowEntry* FlowRecorder::flowOf(const FlowLogState& log) const {
  const auto& flows = context_.definitions->flows;
  const auto flow = std::find_if(flows.begin(), flows.end(), [&](const FlowEntry& f) {
    return f.slot == log.slot && f.generation == log.generation;
  });
  return flow == flows.end() ? nullptr : &*flow;
}

void FlowRecorder::add(DataSourceState& source, const FlowEntry& flow, const flow::FlowLogTable::Update& update) {
  auto it = std::find_if(source.logs.begin(), source.logs.end(), [&](const auto& s) { return s->slot == flow.slot; });
  if (it == source.logs.end()) {
    source.logs.push_back(std::make_shared<FlowLogState>());
    it = source.logs.end() - 1;
    (*it)->source = &source;
    (*it)->slot = flow.slot;
    (*it)->generation = flow.generation;
  }
  const bool wasEmpty = (*it)->table.open() == 0;
  (*it)->table.add(update, context_.now, flow.log, context_.arena,
                   [&](const flow::FlowLogTable::Record& record) { emit(source, flow, record, std::nullopt); });
  // A record that opens beside others is never due before the earliest of them.
  if (wasEmpty) expect(*it);
}

void FlowRecorder::expect(const std::shared_ptr<FlowLogState>& log) {
  if (log->table.open() == 0) return;
  due_.push_back({log->table.nextDue(), log});
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
}

void FlowRecorder::tick(Nanos next, Nanos now) {
  while (!due_.empty()) {
    const Nanos tick = std::max(next, (due_.front().at + kTick - 1) / kTick * kTick);
    if (tick > now) break;
    endRecords(tick);
    next = tick + kTick;
  }
}

void FlowRecorder::endRecords(Nanos tick) {
  while (!due_.empty() && due_.front().at <= tick) {
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    const std::shared_ptr<FlowLogState> held = std::move(due_.back().log);
    due_.pop_back();
    FlowLogState& log = *held;
    if (log.source == nullptr) continue;
    const FlowEntry* const flow = flowOf(log);
    if (flow == nullptr) continue;
    log.table.tick(tick, flow->log, context_.arena,
                   [&](const flow::FlowLogTable::Record& record) { emit(*log.source, *flow, record, tick); });
    expect(held);
  }
}

void FlowRecorder::emit(const DataSourceState& source, const FlowEntry& flow, const flow::FlowLogTable::Record& record,
                        std::optional<Nanos> tick) {
  const flow::CompiledDefinition& compiled = *flow.compiled;
  event::FlowRecord out;
  out.flowName = compiled.name();
  const FabricFlows::Place* const entered = fabric_.enteredAt(flow, record.key);
  out.agent = entered == nullptr ? source.agent->text : entered->agent.text();
  const wire::DataSource place = entered == nullptr ? source.id : entered->source;
  out.dataSource = dataSourceText(place);
  compiled.appendKeyText(out.flowKeys, record.key);
  out.value = compiled.valueIsCell() ? record.read(compiled.cells(), 0) : record.total;
  for (std::size_t i = compiled.firstValue(); i < compiled.cells().count(); ++i) {
    out.values.push_back(record.read(compiled.cells(), i));
  }
  out.start = context_.timeStamp(record.start);
  out.end = context_.timeStamp(record.end);
  Output& output =
      tick ? context_.outputs.addAtTick(*tick, std::move(out)) : context_.outputs.add(context_.now, std::move(out));
  output.logged = compiled.definition().log;
  if (exportAllowed_ && flow.ipfix != nullptr) {
    const AgentId& agent = entered == nullptr ? source.agent->id : entered->agent;
    output.exported = ipfixRecordOf(flow, agent.address, place, record, context_.timeOfDayOffset);
  }
}

void FlowRecorder::forget(const FlowEntry& flow) {
  std::erase_if(
      due_, [&](const DueLog& due) { return due.log->slot == flow.slot && due.log->generation == flow.generation; });
  std::make_heap(due_.begin(), due_.end(), std::greater<>());
}

void FlowRecorder::forget(DataSourceState& source, const FlowEntry& flow) {
  std::erase_if(source.logs, [&](const auto& log) {
    if (log->slot != flow.slot || log->generation != flow.generation) return false;
    log->table.clear(flow.log, context_.arena);
    return true;
  });
}

void FlowRecorder::release(DataSourceState& source) {
  for (const auto& log : source.logs) {
    if (log->table.open() != 0) ++forgotten_;
    if (const FlowEntry* const flow = flowOf(*log)) log->table.clear(flow->log, context_.arena);
    log->source = nullptr;
  }
}

/// A log that is forgotten leaves due_ when its time comes; where there are many, all go at once.
void FlowRecorder::released() {
  if (forgotten_ < 1'024 || forgotten_ < due_.size() / 2) return;
  std::erase_if(due_, [](const DueLog& due) { return due.log->source == nullptr; });
  std::make_heap(due_.begin(), due_.end(), std::greater<>());
  forgotten_ = 0;
}

}  // namespace weir::engine

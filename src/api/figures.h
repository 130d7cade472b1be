#pragma once
#include <string>
#include <vector>

#include "api/records.h"
#include "base/figure.h"

/// What the figures of all owners mean (base/figure.h).
namespace weir::api {

/// Every figure once, by owner; the values are 0.
[[nodiscard]] std::vector<FigureReading> declaredFigures();
/// Those of an answer as its members, in their order.
[[nodiscard]] std::vector<MemberDoc> figureMembers(FigurePlace Figure::* place);
/// The same of `agentsWithFaults`.
[[nodiscard]] std::vector<MemberDoc> agentFigureMembers();
/// /figures/json
[[nodiscard]] std::string figuresJson();
/// docs/figures.md
[[nodiscard]] std::string figuresMarkdown();

}  // namespace weir::api

#pragma once
#include <span>
#include <string>
#include <vector>

#include "api/router.h"
#include "engine/engine.h"

/// Hints: what is legal in a request but hardly meant, a sentence each, for clients that ask for them.
namespace weir::api {

using Hints = engine::Engine::Hints;

struct HintsAsked {
  bool answered = false;  ///< parameter hints: they stand in the answer
  bool strict = false;    ///< parameter strict, or else property hints.strict: they are an error
};
/// An Error names the parameter.
[[nodiscard]] Expected<HintsAsked> hintsAsked(const Request& request, const Options& options);

/// On parameters that are not read; `known`: those of the resource.
[[nodiscard]] Hints parameterHints(const Request& request, std::span<const ParameterDoc> known);
/// {"hints": […]}
[[nodiscard]] Response hintsResponse(const Hints& hints);
/// 400 with the first of them, which are not empty.
[[nodiscard]] Response refusalOf(const Hints& hints);
/// A way back on which JSON answers become {"hints": […], "answer": …}.
[[nodiscard]] ReplyPtr withHints(ReplyPtr reply, Hints hints);

}  // namespace weir::api

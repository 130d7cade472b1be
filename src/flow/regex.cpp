#define PCRE2_CODE_UNIT_WIDTH 8
#include "flow/regex.h"

#include <pcre2.h>

#include <string>

namespace weir::flow {

namespace {

// What one match may cost: a filter is evaluated for every sample, so a pattern that backtracks wildly is false
// instead. The library does not tell how many steps a match took, so it is tried with few steps first; what needs more
// counts as effort.
constexpr std::uint32_t kUsualSteps = 100, kMoreSteps = 2'000, kMostSteps = 20'000;
constexpr std::size_t kMaxPattern = 4096;

// Every thread matches with its own memory.
struct MatchMemory {
  MatchMemory() {
    data = pcre2_match_data_create(1, nullptr);
    context = pcre2_match_context_create(nullptr);
    if (context != nullptr) {
      pcre2_set_depth_limit(context, 1000);
      pcre2_set_heap_limit(context, 1024);
    }
  }
  ~MatchMemory() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
  MatchMemory(const MatchMemory&) = delete;
  MatchMemory& operator=(const MatchMemory&) = delete;
  pcre2_match_data* data;
  pcre2_match_context* context;
};

thread_local std::uint64_t effort = 0;

}  // namespace

struct Regex::Code {
  explicit Code(pcre2_code* compiled) : code(compiled) {}
  ~Code() { pcre2_code_free(code); }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  pcre2_code* code;
};

Expected<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) {
    return fail("expected a regular expression of at most 4096 characters", {}, kMaxPattern);
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  // Anchored when compiled, not when matching: only then the compiled machine code can be used.
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                    PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr);
  if (code == nullptr) {
    PCRE2_UCHAR message[160];
    pcre2_get_error_message(error, message, sizeof message);
    return fail("expected a regular expression: " + std::string(reinterpret_cast<const char*>(message)), {}, offset);
  }
  // Without machine code (not built in, or no executable memory) the interpreter does it.
  (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  return Regex(std::make_shared<const Code>(code));
}

bool Regex::matches(std::string_view text) const {
  thread_local MatchMemory memory;
  if (memory.data == nullptr || memory.context == nullptr) return false;
  const auto match = [&](std::uint32_t steps) {
    pcre2_set_match_limit(memory.context, steps);
    return pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, memory.data,
                       memory.context);
  };
  int result = match(kUsualSteps);
  for (const std::uint32_t steps : {kMoreSteps, kMostSteps}) {
    if (result != PCRE2_ERROR_MATCHLIMIT) break;
    effort += steps;
    result = match(steps);
  }
  return result >= 0;
}

std::uint64_t patternEffort() {
  return effort;
}

}  // namespace weir::flow

#include "ingest/payload.h"

namespace weir::ingest {

std::string_view captureDropName(CaptureDrop drop) {
  static constexpr std::string_view kNames[] = {
#define WEIR_CAPTURE_DROP_NAME(name, told, text) #name,
      WEIR_CAPTURE_DROPS(WEIR_CAPTURE_DROP_NAME)
#undef WEIR_CAPTURE_DROP_NAME
  };
  return drop < CaptureDrop::count ? kNames[static_cast<std::size_t>(drop)] : "?";
}

std::string_view captureDropText(CaptureDrop drop) {
  static constexpr std::string_view kTexts[] = {
#define WEIR_CAPTURE_DROP_TEXT(name, told, text) text,
      WEIR_CAPTURE_DROPS(WEIR_CAPTURE_DROP_TEXT)
#undef WEIR_CAPTURE_DROP_TEXT
  };
  return drop < CaptureDrop::count ? kTexts[static_cast<std::size_t>(drop)] : "?";
}

bool isLoss(CaptureDrop drop) {
  constexpr bool lost = true, other = false;
  static constexpr bool kLosses[] = {
#define WEIR_CAPTURE_DROP_TOLD(name, told, text) told,
      WEIR_CAPTURE_DROPS(WEIR_CAPTURE_DROP_TOLD)
#undef WEIR_CAPTURE_DROP_TOLD
  };
  return drop < CaptureDrop::count ? kLosses[static_cast<std::size_t>(drop)] : other;
}

}  // namespace weir::ingest

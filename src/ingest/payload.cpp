#include "ingest/payload.h"

namespace weir::ingest {

std::string_view captureDropName(CaptureDrop drop) {
  static constexpr std::string_view kNames[] = {
#define WEIR_CAPTURE_DROP_NAME(name, text) #name,
      WEIR_CAPTURE_DROPS(WEIR_CAPTURE_DROP_NAME)
#undef WEIR_CAPTURE_DROP_NAME
  };
  return drop < CaptureDrop::count ? kNames[static_cast<std::size_t>(drop)] : "?";
}

std::string_view captureDropText(CaptureDrop drop) {
  static constexpr std::string_view kTexts[] = {
#define WEIR_CAPTURE_DROP_TEXT(name, text) text,
      WEIR_CAPTURE_DROPS(WEIR_CAPTURE_DROP_TEXT)
#undef WEIR_CAPTURE_DROP_TEXT
  };
  return drop < CaptureDrop::count ? kTexts[static_cast<std::size_t>(drop)] : "?";
}

}  // namespace weir::ingest

#pragma once
#include <cstddef>
#include <cstdint>

namespace weir::flow {

/// What the value of a flow key is: it decides how the value is held, shown and compared.
enum class Type : std::uint8_t {
  number,      ///< decimal
  bits,        ///< binary digits of fixed width
  boolean,     ///< true, false
  name,        ///< a number shown by its name, as a number where it has none
  interface,   ///< ifIndex, unknown, internal, discard, multiple
  hex,         ///< upper-case hex digits of fixed width
  choice,      ///< one of a list of texts that the definition itself holds
  mac,         ///< six octets
  ip4,         ///< four octets
  ip6,         ///< sixteen octets
  address,     ///< an IpAddress: family and sixteen octets
  dataSource,  ///< class << 32 | index
  layers,      ///< protocol layers, one octet each: 1 + decode::Layer
  text,        ///< octets
  joined,      ///< the parts of concat:, each in its own slot
};

/// Values of these types are octets, the others one number.
[[nodiscard]] constexpr bool isOctets(Type type) {
  switch (type) {
    case Type::mac:
    case Type::ip4:
    case Type::ip6:
    case Type::address:
    case Type::layers:
    case Type::text:
    case Type::joined:
      return true;
    default:
      return false;
  }
}

/// Numbers that range:, bits: and flow values may use.
[[nodiscard]] constexpr bool isNumeric(Type type) {
  return type == Type::number || type == Type::bits;
}

/// Interface numbers as flow keys hold them: an ifIndex, 0 unknown, 0x3FFFFFFF internal, or one of these.
inline constexpr std::uint64_t kDiscardInterface = 0xFFFFFFFE;
inline constexpr std::uint64_t kMultipleInterfaces = 0xFFFFFFFD;

/// One value of one sample. `data` points into the sample, the compiled definition or the scratch.
struct Value {
  std::uint16_t form = 0;  ///< index into the definition's forms (flow/form.h)
  std::uint16_t size = 0;  ///< octets at data
  std::uint64_t number = 0;
  const std::uint8_t* data = nullptr;
};

/// Room for values that exist nowhere as they are (a masked address, a shortened text), for the time of one evaluation.
class Scratch {
 public:
  /// `size` octets, or nullptr when the room is used up: the value is then absent.
  [[nodiscard]] std::uint8_t* take(std::size_t size) {
    if (size > sizeof bytes_ - used_) return nullptr;
    std::uint8_t* at = bytes_ + used_;
    used_ += size;
    return at;
  }
  void reset() { used_ = 0; }

 private:
  std::size_t used_ = 0;
  std::uint8_t bytes_[2048];  // left uninitialised on purpose
};

}  // namespace weir::flow

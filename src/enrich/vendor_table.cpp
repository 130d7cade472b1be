#include "enrich/vendor_table.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <fstream>
#include <optional>

#include "enrich/labels.h"
#include "flow/form.h"

namespace weir::enrich {

namespace {

class VendorTable final : public flow::Lookup {
 public:
  void add(std::uint32_t prefix, std::string_view name) {
    if (!byPrefix_.try_emplace(prefix, static_cast<std::uint32_t>(names_.size())).second) return;
    names_.emplace_back(name.substr(0, kMaxLabel));
  }
  [[nodiscard]] bool empty() const { return names_.empty(); }

  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override {
    if (key.forms.at(key.value.form).type != flow::Type::mac) return false;
    const auto it = byPrefix_.find(loadBe24(key.value.data));
    if (it == byPrefix_.end()) return false;
    setLabel(names_, it->second, result);
    return true;
  }

 private:
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> byPrefix_;
  Labels names_;
};

std::optional<std::uint32_t> prefixOf(std::string_view text) {
  if (text.size() < 8 || (text[2] != '-' && text[2] != ':') || text[5] != text[2]) return std::nullopt;
  flow::Form form;
  form.type = flow::Type::hex;
  form.digits = 6;
  const auto written = flow::parseWritten(form, text.substr(0, 8), true);
  return written ? std::optional(static_cast<std::uint32_t>(written->number)) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The vendor's name behind the prefix; empty where the line has none.
std::string_view nameIn(std::string_view line) {
  constexpr std::string_view kHex = "(hex)";
  if (const std::size_t hex = line.find(kHex); hex != std::string_view::npos)
    return trimmed(line.substr(hex + kHex.size()));
  if (line.size() < 9 || line[8] != '\t') return {};
  // The long name is the last column.
  return trimmed(line.substr(line.rfind('\t')));
}

}  // namespace

Expected<std::shared_ptr<const flow::Lookup>> readVendors(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail("cannot be read", path);
  auto table = std::make_shared<VendorTable>();
  for (std::string line; std::getline(file, line);) {
    const auto prefix = prefixOf(line);
    if (!prefix) continue;
    if (const std::string_view name = nameIn(line); !name.empty()) table->add(*prefix, name);
  }
  if (file.bad()) return fail("cannot be read", path);
  if (table->empty()) return fail("holds no vendors: expected lines such as \"00-22-72   (hex)\\t\\tName\"", path);
  return table;
}

}  // namespace weir::enrich

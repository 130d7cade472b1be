#include <maxminddb.h>

#include <memory>

#include "enrich/geo_entries.h"

namespace weir::enrich {

namespace {

// More than any real database holds: a damaged tree whose branches meet again would have no end.
constexpr std::size_t kMaxPrefixes = 32'000'000;

struct CloseMmdb {
  void operator()(MMDB_s* db) const {
    MMDB_close(db);
    delete db;
  }
};

std::string_view textAt(MMDB_entry_s& entry, const char* const* path) {
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data) return {};
  if (data.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {data.utf8_string, data.data_size};
}

std::uint64_t numberAt(MMDB_entry_s& entry, const char* const* path) {
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data) return 0;
  switch (data.type) {
    case MMDB_DATA_TYPE_UINT16:
      return data.uint16;
    case MMDB_DATA_TYPE_UINT32:
      return data.uint32;
    case MMDB_DATA_TYPE_UINT64:
      return data.uint64;
    default:
      return 0;
  }
}

/// Walks the binary tree of a database from the left, and adds each of its leaves as a prefix.
class MmdbReader {
 public:
  MmdbReader(MMDB_s& db, GeoKind kind, GeoEntries& entries) : db_(db), kind_(kind), entries_(entries) {}

  Expected<void> read() {
    // The library holds the number of the node below which IPv4 addresses stand; other places that lead there are
    // aliases of them (IPv4-mapped, 6to4).
    nodes_.push_back({0, 0, 0});
    while (!nodes_.empty()) {
      const Node at = nodes_.back();
      nodes_.pop_back();
      MMDB_search_node_s node;
      if (at.depth >= bits() || MMDB_read_node(&db_, at.number, &node) != MMDB_SUCCESS) {
        return fail("the database is damaged");
      }
      const Uint128 right = at.prefix | static_cast<Uint128>(1) << (bits() - 1 - at.depth);
      follow(node.right_record, node.right_record_type, node.right_record_entry, right, at.depth + 1);
      follow(node.left_record, node.left_record_type, node.left_record_entry, at.prefix, at.depth + 1);
      if (entries_.addresses.size() > kMaxPrefixes) return fail("the database holds too many prefixes");
    }
    return {};
  }

 private:
  struct Node {
    std::uint32_t number;
    unsigned depth;
    Uint128 prefix;  // from the highest of bits()
  };

  [[nodiscard]] unsigned bits() const { return db_.metadata.ip_version == 4 ? 32 : 128; }

  void follow(std::uint64_t record, std::uint8_t type, MMDB_entry_s entry, Uint128 prefix, unsigned depth) {
    if (type == MMDB_RECORD_TYPE_SEARCH_NODE) {
      const bool isAlias = bits() == 128 && record == db_.ipv4_start_node.node_value && prefix != 0;
      if (!isAlias) nodes_.push_back({static_cast<std::uint32_t>(record), depth, prefix});
    } else if (type == MMDB_RECORD_TYPE_DATA) {
      if (const auto id = entryAt(entry)) addPrefix(prefix, depth, *id);
    }
  }

  void addPrefix(Uint128 prefix, unsigned depth, std::uint32_t id) {
    std::uint8_t octets[16];
    if (bits() == 32 || (depth >= 96 && prefix >> 32 == 0)) {
      storeBe32(octets, static_cast<std::uint32_t>(prefix));
      entries_.addresses.addPrefix(IpAddress::v4(octets), bits() == 32 ? depth : depth - 96, id);
      return;
    }
    storeBe64(octets, static_cast<std::uint64_t>(prefix >> 64));
    storeBe64(octets + 8, static_cast<std::uint64_t>(prefix));
    entries_.addresses.addPrefix(IpAddress::v6(octets), depth, id);
  }

  // Many prefixes share a record; each is read once.
  std::optional<std::uint32_t> entryAt(MMDB_entry_s entry) {
    const auto [it, isNew] = read_.try_emplace(entry.offset, std::nullopt);
    if (isNew) it->second = readEntry(entry);
    return it->second;
  }

  std::optional<std::uint32_t> readEntry(MMDB_entry_s& entry) {
    if (kind_ == GeoKind::asn) {
      static constexpr const char* kNumber[] = {"autonomous_system_number", nullptr};
      static constexpr const char* kOrganization[] = {"autonomous_system_organization", nullptr};
      const std::uint64_t number = numberAt(entry, kNumber);
      if (number == 0 || number > 0xFFFFFFFF) return std::nullopt;
      return entries_.entry(std::to_string(number), textAt(entry, kOrganization));
    }
    static constexpr const char* kIsoCode[] = {"country", "iso_code", nullptr};
    static constexpr const char* kName[] = {"country", "names", "en", nullptr};
    static constexpr const char* kPlainCode[] = {"country_code", nullptr};
    std::string_view code = textAt(entry, kIsoCode);
    if (code.empty()) code = textAt(entry, kPlainCode);
    if (code.empty()) return std::nullopt;
    return entries_.entry(code, textAt(entry, kName));
  }

  MMDB_s& db_;
  GeoKind kind_;
  GeoEntries& entries_;
  std::vector<Node> nodes_;
  boost::unordered_flat_map<std::uint32_t, std::optional<std::uint32_t>> read_;  // by offset
};

}  // namespace

Expected<void> readMmdb(const std::string& path, GeoKind kind, GeoEntries& entries) {
  auto opened = std::make_unique<MMDB_s>();
  if (const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, opened.get()); status != MMDB_SUCCESS) {
    return fail("cannot be read as a MaxMind database (.mmdb): " + std::string(MMDB_strerror(status)) +
                    "; other files must end in .csv",
                path);
  }
  const std::unique_ptr<MMDB_s, CloseMmdb> db(opened.release());
  auto done = MmdbReader(*db, kind, entries).read();
  if (!done) done.error().attribute = path;
  return done;
}

}  // namespace weir::enrich

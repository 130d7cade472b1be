#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"

/// What requests and answers are made of, as one table: it makes the schemas of /api/api.yml and docs/rest.md, and
/// tests hold the answers of the real server against it.
namespace weir::api {

/// A type is written as
///   text  integer  count (an integer, 0 and up)  number  boolean  any
///   Name    one of records()
///   T[]     an array of T
///   {T}     an object with names that are data: name → T
///   T|U     one or the other
struct MemberDoc {
  std::string_view name, type, doc;
  bool required = true;
};

struct RecordDoc {
  std::string_view name, doc;
  std::span<const MemberDoc> members;
  bool open = false;  ///< other members are possible
};

[[nodiscard]] std::span<const RecordDoc> records();
[[nodiscard]] const RecordDoc* findRecord(std::string_view name);

/// A JSON Schema (draft 2020-12) for a type; records are references to #/components/schemas.
void writeSchema(JsonWriter& json, std::string_view type);
/// The schema of the record itself, an object.
void writeSchema(JsonWriter& json, const RecordDoc& record);

}  // namespace weir::api

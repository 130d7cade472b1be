#pragma once
#include <boost/json/object.hpp>
#include <cstdint>

#include "wire/writer.h"

namespace weir::agent {

/// Writes a record whose fields have the names of the members of `object`: any record whose fields are numbers, texts
/// and addresses. Members that are missing or of another type are 0 or empty. `application`, the name that several
/// records begin with, is taken from `application` where the object has none.
void addRecord(wire::DatagramWriter& writer, const wire::RecordSpec& spec, const boost::json::object& object,
               std::string_view application);

/// A member as number; 0 where it is none. Texts that are numbers count.
[[nodiscard]] std::uint64_t numberOf(const boost::json::object& object, std::string_view member);
/// A member as text, valid as long as the object; empty where it is none.
[[nodiscard]] std::string_view textOf(const boost::json::object& object, std::string_view member);

/// Writes a whole rtmetric or rtflow sample (4300:1002, 4300:1003); its `datasource` has been
/// checked. Members of unknown type are left out.
void writeRtMetric(wire::DatagramWriter& writer, const boost::json::object& object);
void writeRtFlow(wire::DatagramWriter& writer, const boost::json::object& object);

}  // namespace weir::agent

// Boost.JSON itself, compiled once: whoever links this room has it and needs no libboost_json.
#include <boost/json/src.hpp>

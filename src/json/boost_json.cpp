// Boost.JSON, compiled once for all programs that link this room; libboost_json is not needed.
#include <boost/json/src.hpp>

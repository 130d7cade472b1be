# Compiler choices of the whole project. `weir_options` carries them to every target.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "weir needs g++ 12 or newer (std::expected); this is ${CMAKE_CXX_COMPILER_VERSION}")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  message(FATAL_ERROR "weir needs clang 16 or newer (std::expected); this is ${CMAKE_CXX_COMPILER_VERSION}")
endif()
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()
find_package(Threads REQUIRED)

# Release: line tables only (-g1), so that a profile or a crash names its function at little size. The code runs on any
# x86-64: nothing is tuned for the machine that builds. Kept frame pointers let `perf` walk stacks; they cost under 1 %.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG -g1")
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG -g1")

add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion
                                              -Wno-sign-conversion -fno-omit-frame-pointer)

if(CMAKE_UNITY_BUILD)
  # A unit holds the files of a dozen sources, whose names meet. What these warnings say of a source is seen where it is
  # compiled by itself, in preset dev.
  target_compile_options(weir_options INTERFACE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(WEIR_SANITIZE)
  # -O1 keeps the slow programs bearable; asserts stay on, since no NDEBUG is set in a debug build.
  target_compile_options(weir_options INTERFACE -O1 -g1 -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()
if(WEIR_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "fuzz targets need clang (libFuzzer): use the preset `fuzz`, or `./dev fuzz`")
  endif()
  target_compile_options(weir_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(WEIR_COVERAGE)
  target_compile_options(weir_options INTERFACE --coverage -O0)
  target_link_options(weir_options INTERFACE --coverage)
endif()
if(WEIR_LTO)
  include(CheckIPOSupported)
  check_ipo_supported()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

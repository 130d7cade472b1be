# The files of src/api/page/ become part of the program: build/…/page_files.cpp defines weir::api::pageFiles().
set(page_folder ${CMAKE_CURRENT_SOURCE_DIR}/api/page)
set(page_source ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp)
file(GLOB page_inputs CONFIGURE_DEPENDS ${page_folder}/*)
add_custom_command(
  OUTPUT ${page_source}
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${page_folder} -DOUTPUT=${page_source}
          -P ${CMAKE_CURRENT_SOURCE_DIR}/api/embed_page.cmake
  DEPENDS ${page_inputs} ${CMAKE_CURRENT_SOURCE_DIR}/api/embed_page.cmake
  VERBATIM)
target_sources(weir_api PRIVATE ${page_source})

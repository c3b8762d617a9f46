# SPDX-License-Identifier: MIT
# A harness is one file, fuzz/X_fuzz.c, with one LLVMFuzzerTestOneInput(). What else it needs stands in the comment at its beginning:
#   Target: FUNCTION...   that its seeds must reach (tests/fuzz/coverage.py)
#   Inputs: DIR           whose seeds it takes besides its own; "images": those of whole images, and the mutator that knows records
#   Links: FILE...        of the project, or a folder: all C files in it
#   Wraps: FUNCTION...    of the C library that the harness replaces
#   Needs: jansson        a library; such harnesses are not built with MemorySanitizer, which it is not compiled with
#   Needs: libxl          the distribution's, for a process of its own; not for the services, where it is not installed
# Its main() is one of these:
#   XENVET_FUZZ_ENGINE empty                        fuzz/replay_main.c: replays corpus/seeds/X and corpus/regress/X, which ctest does
#   XENVET_FUZZ_ENGINE=libfuzzer                    libFuzzer (clang)
#   the same, with CMAKE_C_COMPILER=afl-clang-fast  AFL++ in persistent mode
#   XENVET_FUZZ_ENGINE or LIB_FUZZING_ENGINE=FLAGS  whatever these flags or this library bring, as OSS-Fuzz sets it
set(XENVET_FUZZ_ENGINE "$ENV{LIB_FUZZING_ENGINE}" CACHE STRING "what brings main() for harnesses; empty: fuzz/replay_main.c")
if(XENVET_FUZZ_ENGINE STREQUAL "libfuzzer")
  set(XENVET_FUZZ_ENGINE -fsanitize=fuzzer CACHE STRING "what brings main() for harnesses; empty: fuzz/replay_main.c" FORCE)
  if(NOT CMAKE_C_COMPILER MATCHES "afl-")
    target_compile_options(xenvet_static PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endif()
set(fuzz ${PROJECT_SOURCE_DIR}/fuzz)
set(fuzz_mutator ${fuzz}/mutator.c ${fuzz}/mutator_context.c ${fuzz}/mutator_engines.c ${fuzz}/mutator_lists.c
    ${fuzz}/mutator_random.c ${fuzz}/mutator_records.c ${fuzz}/mutator_tree.c)

# What the comment says after `word`, as a list.
function(xenvet_harness_says out name word)
  file(STRINGS ${fuzz}/${name}_fuzz.c line REGEX "^ \\* ${word}: " LIMIT_COUNT 1)
  string(REGEX REPLACE "^ \\* ${word}: " "" line "${line}")
  separate_arguments(line UNIX_COMMAND "${line}")
  set(${out} ${line} PARENT_SCOPE)
endfunction()

function(xenvet_harness name)
  set(source ${fuzz}/${name}_fuzz.c)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  foreach(word Inputs Links Wraps Needs)
    xenvet_harness_says(${word} ${name} ${word})
  endforeach()
  if("jansson" IN_LIST Needs AND (XENVET_SANITIZE MATCHES "memory" OR NOT FUZZ_JANSSON))
    message(STATUS "fuzz: ${name}_fuzz is not built: jansson is missing, or not made for MemorySanitizer")
    return()
  endif()
  set(sources)
  foreach(link ${Links})
    if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${link})
      file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${link}/*.c)
      list(APPEND sources ${files})
    else()
      list(APPEND sources ${PROJECT_SOURCE_DIR}/${link})
    endif()
  endforeach()
  list(TRANSFORM Wraps PREPEND -Wl,--wrap=)

  add_executable(${name}_fuzz ${source} ${sources})
  target_include_directories(${name}_fuzz PRIVATE ${fuzz} ${PROJECT_SOURCE_DIR}/parser ${PROJECT_SOURCE_DIR}/restore)
  target_link_libraries(${name}_fuzz PRIVATE ${ARGN} fuzz_kit xenvet_static)
  target_link_options(${name}_fuzz PRIVATE ${Wraps})
  if("jansson" IN_LIST Needs)
    target_link_libraries(${name}_fuzz PRIVATE ${FUZZ_JANSSON})
  endif()
  # the entry that engines call has no header; and inputs of no octets make sizes wrap before they are looked at
  target_compile_options(${name}_fuzz PRIVATE -Wno-missing-prototypes)
  target_compile_definitions(${name}_fuzz PRIVATE _POSIX_C_SOURCE=200809L)
  if(XENVET_SANITIZE MATCHES "integer")
    target_compile_options(${name}_fuzz PRIVATE -fno-sanitize=unsigned-integer-overflow,implicit-conversion)
  endif()
  set_property(GLOBAL APPEND PROPERTY XENVET_HARNESSES ${name}_fuzz)

  if(XENVET_FUZZ_ENGINE)
    target_link_options(${name}_fuzz PRIVATE ${XENVET_FUZZ_ENGINE})
    if("images" IN_LIST Inputs)
      target_sources(${name}_fuzz PRIVATE ${fuzz_mutator})
    endif()
    return()
  endif()
  target_sources(${name}_fuzz PRIVATE ${fuzz}/replay_main.c)
  set(replayed)
  foreach(dir ${name} ${Inputs})
    list(APPEND replayed ${PROJECT_SOURCE_DIR}/corpus/seeds/${dir} ${PROJECT_SOURCE_DIR}/corpus/regress/${dir})
  endforeach()
  add_test(NAME fuzz-regress.${name} COMMAND ${name}_fuzz ${replayed})
  set_tests_properties(fuzz-regress.${name} PROPERTIES LABELS fuzz-regress TIMEOUT 300)
endfunction()

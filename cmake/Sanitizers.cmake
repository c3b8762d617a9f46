# SPDX-License-Identifier: MIT
# XENVET_SANITIZE: a list for -fsanitize, set by the presets asan, msan and integer. Any report ends the program.
set(XENVET_SANITIZE "" CACHE STRING "sanitizers, comma separated")

if(XENVET_SANITIZE)
  add_compile_options(-fsanitize=${XENVET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${XENVET_SANITIZE})
endif()
option(XENVET_COVERAGE "source-based coverage (clang)" OFF)
if(XENVET_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate -fcoverage-mapping)
endif()

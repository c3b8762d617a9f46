# SPDX-License-Identifier: MIT
# Hardening of everything that is shipped. Sanitizer builds leave out what sanitizers replace.
option(XENVET_HARDEN "hardening flags" ON)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# No path of the machine that builds gets into the result. The name is absolute, and the current directory goes by one name
# everywhere, because gcc writes the latter into what it keeps for link-time optimisation and maps it nowhere.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=/xenvet)
if(NOT CMAKE_C_COMPILER_LAUNCHER AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_C_COMPILER_LAUNCHER env PWD=/proc/self/cwd)
  set(CMAKE_C_LINKER_LAUNCHER env PWD=/proc/self/cwd)
  add_compile_options(-ffile-prefix-map=/proc/self/cwd=/xenvet/build)
endif()
if(XENVET_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-clash-protection -fstack-protector-strong
                      -fcf-protection=full -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-ftrivial-auto-var-init=zero)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed -Wl,--no-copy-dt-needed-entries)
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "arm")
    add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
  endif()
endif()

# SPDX-License-Identifier: MIT
# Hardening of everything that is shipped. Sanitizer builds leave out what sanitizers replace.
option(XENVET_HARDEN "hardening flags" ON)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# No path of the machine that builds gets into the result. The name is absolute: gcc writes the current directory beside
# relative ones into what it keeps for link-time optimisation.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=/xenvet)
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

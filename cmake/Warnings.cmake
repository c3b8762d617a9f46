# SPDX-License-Identifier: MIT
# Warnings for all C of the project; errors only where XENVET_WERROR asks for it (CI does).
option(XENVET_WERROR "treat warnings as errors" OFF)

set(warnings -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wimplicit-fallthrough -Wshadow -Wcast-qual
    -Wvla -Wnull-dereference -Wstrict-prototypes -Wmissing-prototypes
    -Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND warnings -Warith-conversion -Wcast-align=strict -Walloca -Wduplicated-cond -Wlogical-op
       -Wstringop-overflow=4 -Wtrampolines -Wbidi-chars=any)
endif()
if(XENVET_WERROR)
  list(APPEND warnings -Werror)
endif()
add_compile_options(${warnings})

# SPDX-License-Identifier: MIT
# Tests of the simulator itself.
pkg_check_modules(XENSIM_CMOCKA QUIET cmocka)
if(NOT XENSIM_CMOCKA_FOUND)
  message(STATUS "tests/sim: cmocka not found, the simulator's tests are not built")
  return()
endif()

function(xensim_test name)
  add_executable(sim_${name} ${name}.c test_util.c)
  xensim_options(sim_${name})
  target_link_libraries(sim_${name} PRIVATE xensim ${XENSIM_CMOCKA_LIBRARIES} ${ARGN})
  add_test(NAME sim/${name} COMMAND sim_${name})
  set_tests_properties(sim/${name} PROPERTIES LABELS sim TIMEOUT 300)
endfunction()

xensim_test(test_domain)
xensim_test(test_pagetype)
xensim_test(test_vcpu)
xensim_test(test_hvm)
xensim_test(test_xenstore)

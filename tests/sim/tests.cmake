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

# In-process restores through the real libxenguest.
add_library(xensim_stream STATIC make_stream.c)
xensim_options(xensim_stream)
add_executable(simstream simstream.c)
xensim_options(simstream)
target_link_libraries(simstream PRIVATE xensim_stream)

xensim_test(test_restore xensim_stream xensim_inprocess)
target_sources(sim_test_restore PRIVATE toolstack.c)

# A separate program with the distribution's shared libraries, under LD_PRELOAD, compared page by page.
add_executable(simtoolstack simtoolstack.c toolstack.c)
xensim_options(simtoolstack)
target_link_libraries(simtoolstack PRIVATE ${XENSIM_XEN_LIBRARIES})
target_link_directories(simtoolstack PRIVATE ${XENSIM_LIBDIR})

find_package(Python3 QUIET COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME sim/test_preload
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test_preload.py $<TARGET_FILE_DIR:simstate>
            $<TARGET_FILE:xensim_preload>)
  set_tests_properties(sim/test_preload PROPERTIES LABELS sim TIMEOUT 300)
endif()

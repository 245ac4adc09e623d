# What `cmake --install` leaves: the program, the library, its headers, and how CMake and pkg-config find them.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/teff)
install(TARGETS teff_cli RUNTIME)
install(TARGETS teff_count LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/teff)
install(TARGETS teff EXPORT teffTargets ARCHIVE)
install(DIRECTORY include/teff DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT teffTargets NAMESPACE teff:: DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/teffConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/teffConfig.cmake ${CMAKE_BINARY_DIR}/teffConfigVersion.cmake DESTINATION ${package})
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/teff.pc.in teff.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/teff.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/teff)

# Programs outside of the tree, built against an installation. A sanitized library would need them sanitized too.
if(TEFF_TESTS AND NOT TEFF_SANITIZE)
  add_test(NAME install_test COMMAND ${CMAKE_SOURCE_DIR}/tests/install/run ${CMAKE_BINARY_DIR})
endif()

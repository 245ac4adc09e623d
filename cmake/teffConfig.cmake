# find_package(teff) gives the target teff::teff, for C (teff/teff_c.h) and for C++20 (teff/teff.h).
include(CMakeFindDependencyMacro)

# The library is C++ inside: linking it takes the C++ compiler, in a project of C as well.
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "CXX" IN_LIST languages)
  enable_language(CXX)
endif()

foreach(dependency Threads fmt PNG JPEG ZLIB)
  find_dependency(${dependency})
endforeach()
include(${CMAKE_CURRENT_LIST_DIR}/teffTargets.cmake)

#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_axes(Registry&) {}

}  // namespace teff::conformance

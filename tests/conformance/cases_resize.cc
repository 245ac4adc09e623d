#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_resize(Registry&) {}

}  // namespace teff::conformance

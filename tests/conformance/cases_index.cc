#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_index(Registry&) {}

}  // namespace teff::conformance

#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_state(Registry&) {}

}  // namespace teff::conformance

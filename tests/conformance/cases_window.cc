#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_window(Registry&) {}

}  // namespace teff::conformance

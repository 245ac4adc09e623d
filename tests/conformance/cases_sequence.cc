#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_sequence(Registry&) {}

}  // namespace teff::conformance

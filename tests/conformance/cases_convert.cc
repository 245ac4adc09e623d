#include "tests/conformance/case.h"

namespace teff::conformance {

void cases_convert(Registry&) {}

}  // namespace teff::conformance

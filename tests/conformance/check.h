// One case run here and held against the other engine's answer.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/pack.h"

namespace teff::conformance {

// Compiles and runs a case: each output, the calls one after another. Throws Error where it is refused.
std::vector<Bytes> run_case(const PackedCase& c, bool fuse);

// Empty where results agree: integers to the bit, floats up to `tolerance` of the largest magnitude in the
// tensor (infinities and NaN where the other has them). Otherwise what differs, and where.
std::string difference(const PackedCase& c, const std::vector<Bytes>& got, const std::vector<Bytes>& wanted,
                       double tolerance);

// Runs a case with and without fusion and compares both.
std::string check_case(const PackedCase& c, const Answer& answer, double tolerance);

// The operators, inputs and outputs of a case in words, one a line.
std::string describe_case(const PackedCase& c);

}  // namespace teff::conformance

// The report of `teff compile` as a page: what the memory holds when, what each layer costs, what the flash
// holds.
#pragma once

#include <string>

#include "compile_report.h"

namespace teff::cli {

std::string compile_html(const CompileReport& report);

}  // namespace teff::cli

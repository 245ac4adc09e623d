// What `teff compile` has to say.
#pragma once

#include <optional>
#include <string>

#include "board_run.h"
#include "compilation.h"

namespace teff::cli {

struct CompileReport {
  std::string model, directory;
  CompilationOptions options;
  Compilation compilation;
  std::optional<Measured> measured;
};

std::string report_text(const CompileReport& report);
std::string report_json(const CompileReport& report);

// "most by node 3 CONV_2D": which layer the arena is as large as it is for.
std::string busiest_layer(const CompileReport& report);

}  // namespace teff::cli

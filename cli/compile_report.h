// What `teff compile` has to say.
#pragma once

#include <optional>
#include <string>

#include "board_run.h"
#include "compilation.h"
#include "front.h"

namespace teff::cli {

struct CompileReport {
  std::string model, directory;
  CompilationOptions options;
  Compilation compilation;
  std::optional<Measured> measured;
  std::optional<Front> front;  // what there was to choose from
};

// "optimized for speed".
std::string purpose(const CompileReport& report);

std::string report_text(const CompileReport& report);
std::string report_json(const CompileReport& report);

// "the largest piece is tensor 17, 4096 bytes".
std::string largest_tensor(const CompileReport& report);

}  // namespace teff::cli

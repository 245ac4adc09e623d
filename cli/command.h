// A sub-command: what it is called and takes, and what it does.
#pragma once

#include <span>

#include "arguments.h"

namespace teff::cli {

struct Command {
  CommandSpec spec;
  int (*run)(const Arguments& arguments);  // the exit code; errors are thrown
};

std::span<const Command* const> commands();

// One file per command defines one of these.
extern const Command kDemo;
extern const Command kInspect;
extern const Command kCheck;
extern const Command kRun;
extern const Command kBench;
extern const Command kEvaluate;
extern const Command kCompare;
extern const Command kConvert;
extern const Command kCompile;
extern const Command kTune;
extern const Command kLab;
extern const Command kOperators;

}  // namespace teff::cli

// From a model to a program that runs: shapes inferred, passes applied, memory laid out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.h"

namespace teff {

struct CompileOptions {
  bool fuse = true;  // apply passes; without them every operator of the file runs as it stands
  std::vector<std::pair<std::string, Shape>> shapes;  // of inputs, by name, in place of the file's
};

struct LoadOptions;  // teff/teff.h
CompileOptions compile_options(const LoadOptions& options);

// The plan for this processor, with TEFF_ISA obeyed.
Program make_program_here(Model model);

// Throws Error naming the file and node that cannot be compiled. What `plan` makes of the model that is ready
// is the program.
std::shared_ptr<const Program> compile(Model model, const CompileOptions& options = {},
                                       const std::function<Program(Model)>& plan = make_program_here);

// All that keeps a model from being compiled, each naming its node; empty: it can be. Shapes are found out in
// the order of the nodes, so that of those that are impossible only the first is known.
std::vector<std::string> problems_of(Model model, const CompileOptions& options = {});

// Runs one node whose inputs are all known; what shape inference and constant folding compute with.
std::vector<Bytes> evaluate(const Graph& graph, const Node& node);

}  // namespace teff

#include "graph/passes.h"

#include "core/error.h"
#include "graph/pass.h"

namespace teff {
namespace {

void run(Model& model, const char* name, auto&& pass) {
  for (Graph& graph : model.graphs) pass(graph);
  with_place(fmt::format("after pass '{}'", name), [&] { verify(model); });
}

}  // namespace

void run_passes(Model& model, const Evaluator& evaluate) {
  run(model, "fold constants", [&](Graph& graph) { fold_constants(graph, evaluate); });
  run(model, "simplify shapes", simplify_shapes);
  run(model, "fuse activations", fuse_activations);
  run(model, "fuse paddings", fuse_paddings);
  run(model, "remove dead code", remove_dead_code);
}

}  // namespace teff

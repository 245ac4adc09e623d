#include "run/compile.h"

#include "core/cpu.h"
#include "core/error.h"
#include "graph/infer.h"
#include "graph/passes.h"
#include "plan/host.h"
#include "run/instance.h"
#include "teff/teff.h"

namespace teff {
namespace {

void set_input_shapes(Model& model, const CompileOptions& options) {
  Graph& graph = model.main();
  for (const auto& [name, shape] : options.shapes) {
    check(shape.elements() <= kMostElements, "input '{}': shape {} has more than {} elements", name,
          to_string(shape), kMostElements);
    bool found = false;
    for (TensorId id : graph.inputs) {
      if (graph.tensor(id).name != name) continue;
      graph.tensor(id).shape = shape;
      found = true;
    }
    std::string names;
    for (TensorId id : graph.inputs) names += fmt::format(" '{}'", graph.tensor(id).name);
    check(found, "there is no input '{}' whose shape could be set; the inputs are{}", name, names);
  }
}

void prepare(Model& model, const CompileOptions& options) {
  verify(model);
  set_input_shapes(model, options);
  infer_shapes(model, evaluate, !options.shapes.empty());
}

}  // namespace

CompileOptions compile_options(const LoadOptions& options) {
  CompileOptions result{.fuse = options.fuse, .shapes = {}};
  for (const auto& [name, extents] : options.shapes)
    result.shapes.emplace_back(name, Shape::checked(std::span(extents)));
  return result;
}

std::vector<Bytes> evaluate(const Graph& graph, const Node& node) {
  Model model;
  model.graphs.emplace_back();
  Graph& single = model.main();
  Node copy{node.op, {}, {}, node.source};
  for (TensorId id : node.inputs) {
    if (id == kNoTensor) {
      copy.inputs.push_back(kNoTensor);
      continue;
    }
    Tensor tensor = graph.tensor(id);
    tensor.data = tensor.value();
    copy.inputs.push_back(single.add(std::move(tensor)));
  }
  for (TensorId id : node.outputs) copy.outputs.push_back(single.add(graph.tensor(id)));
  single.outputs = copy.outputs;
  single.nodes.push_back(std::move(copy));

  Instance instance(std::make_shared<Program>(make_program(std::move(model))), 1);
  instance.run();
  std::vector<Bytes> results;
  for (size_t i = 0; i < node.outputs.size(); ++i)
    results.push_back(Bytes::of(instance.output(static_cast<int>(i)).bytes));
  return results;
}

Program make_program_here(Model model) { return make_host_program(std::move(model), cpu().isas); }

std::shared_ptr<const Program> compile(Model model, const CompileOptions& options,
                                       const std::function<Program(Model)>& plan) {
  const std::string file = model.file;
  const auto build = [&] {
    prepare(model, options);
    if (options.fuse) run_passes(model, evaluate);
    return std::make_shared<const Program>(plan(std::move(model)));
  };
  return file.empty() ? build() : with_place(file, build);
}

std::vector<std::string> problems_of(Model model, const CompileOptions& options) {
  try {
    prepare(model, options);
    std::vector<std::string> problems = nodes_without_kernel(model);
    if (problems.empty()) compile(std::move(model), options);
    return problems;
  } catch (const Error& error) {
    return {error.what()};
  }
}

}  // namespace teff

#include "compilation.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "board_run.h"
#include "core/crc32.h"
#include "core/error.h"
#include "core/file.h"
#include "graph/cost.h"
#include "graph/load.h"
#include "graph/pass_io.h"
#include "models.h"
#include "plan/node_runs.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".teff-compile";
constexpr uint32_t kSeeds[] = {1, 2, 3};

// An input that a QUANTIZE takes, which is no operator that works row by row.
void expect_rows(const Graph& graph) {
  const bool converts = std::ranges::any_of(graph.nodes, [&](const Node& node) {
    return std::holds_alternative<Quantize>(node.op) && !graph.inputs.empty() &&
           node.inputs[0] == graph.inputs[0];
  });
  check(!converts,
        "--input-rows: the input is converted as a whole before it is used; --io int8 leaves that to the "
        "application");
}

// The network with the inputs and outputs that the options ask for.
Model with_io(Model model, const CompilationOptions& options) {
  if (options.int8_io) {
    const int dropped = drop_float_io(model.main());
    check(dropped > 0,
          "--io int8: no input is quantized and no output dequantized by an operator of its own");
  }
  if (options.input_rows) expect_rows(model.main());
  return model;
}

// The name of a file without folder and ending.
std::string stem_of(const std::string& path) { return fs::path(path).stem().string(); }

// The constants that steps read, each once, as bytes of flash.
int64_t bytes_of_constants(const Program& program) {
  std::set<std::pair<size_t, uint32_t>> seen;
  int64_t bytes = 0;
  for (const Plan& plan : program.plans)
    for (const Step& step : plan.steps)
      for (const Operand& operand : step.operands) {
        int64_t index = operand.index;
        if (operand.kind == Operand::Kind::tensor) {
          const Location& where = plan.tensors[static_cast<size_t>(operand.index)].location;
          if (where.place != Location::Place::constant) continue;
          index = where.offset;
        } else if (operand.kind != Operand::Kind::constant) {
          continue;
        }
        const Bytes& constant = plan.constants[static_cast<size_t>(index)];
        if (seen.emplace(constant.size(), crc32(constant.span())).second)
          bytes += static_cast<int64_t>(constant.size());
      }
  return bytes;
}

// What may be spent on copies of kernels so that everything beyond the weights stays within 30 kB, or within
// the flash that there is: calls and shapes take about so much for each step, and weights grow when they are
// packed.
int64_t code_budget(const Program& program, int64_t weight_bytes, std::optional<int64_t> flash) {
  constexpr int64_t kBeyondWeights = 29'000, kBytesOfCall = 55;
  int64_t budget = kBeyondWeights + weight_bytes;
  if (flash) budget = std::min(budget, *flash);
  budget -= bytes_of_constants(program);
  for (const Plan& plan : program.plans) budget -= kBytesOfCall * static_cast<int64_t>(plan.steps.size());
  return std::max<int64_t>(budget, 0);
}

bool has_products(const Op& op) {
  return std::holds_alternative<Conv2D>(op) || std::holds_alternative<DepthwiseConv2D>(op) ||
         std::holds_alternative<FullyConnected>(op) || std::holds_alternative<TransposeConv>(op);
}

Compilation as_c(std::shared_ptr<const Program> program, const std::string& name,
                 const CompilationOptions& options, const std::vector<RecordedCall>& recorded) {
  Compilation result{.program = std::move(program), .emitted = {}, .name = name, .recorded = recorded};
  result.weight_bytes = weight_bytes_of(result.program->model.main());
  const EmitOptions how = emit_options(result, options);
  result.emit_for = how.optimize;
  result.emitted = emit(*result.program, how);
  return result;
}

}  // namespace

bool is_small(const CompilationOptions& options) {
  return options.little_code || options.optimize == "flash";
}

BoardOptions board_options(const CompilationOptions& options) {
  BoardOptions board{.isa = options.target->core->isa, .small = is_small(options)};
  board.input_rows = options.input_rows;
  board.regions = options.target->sram;
  if (options.optimize == "sram")
    board.memory = BoardMemory::least;
  else
    board.budget = options.sram;
  if (options.tuning.arena) board.budget = options.tuning.arena;
  board.kernels = options.tuning.kernels;
  return board;
}

EmitOptions emit_options(const Compilation& c, const CompilationOptions& options) {
  const Tuning& tuning = options.tuning;
  const BoardIsa isa = options.target->core->isa;
  const CostModel costs(isa);
  const auto flash = options.code_within_flash ? options.flash : std::nullopt;
  std::vector<double> gains = tuning.own_code_gain;
  // Helium's loops gain so little by known numbers of channels that formulas cannot tell.
  if (gains.empty() && isa != BoardIsa::mve) gains = gains_of_own_code(*c.program, costs);
  // A fiftieth of all is worth a copy of a kernel, even where the 30 kB are spent.
  const double worth = options.flash || gains.empty() ? std::numeric_limits<double>::infinity()
                                                      : 0.02 * predicted_cost(*c.program, costs).instructions;
  return {.name = c.name,
          .optimize = is_small(options) ? EmitFor::flash : EmitFor::speed,
          .code_bytes = tuning.code_bytes.value_or(code_budget(*c.program, c.weight_bytes, flash)),
          .own_code_gain = std::move(gains),
          .own_code_worth = worth,
          .layout = options.layout,
          .recorded = c.recorded};
}

std::vector<double> gains_of_own_code(const Program& program, const CostModel& model) {
  std::vector<double> gains(program.model.main().nodes.size());
  for (const NodeRuns& node : runs_of_nodes(program.plans.front()))
    for (int32_t units : node.runs)
      gains[static_cast<size_t>(node.step->node)] +=
          std::max(0.0, model.cost(*node.step, units, false).instructions -
                            model.cost(*node.step, units, true).instructions);
  return gains;
}

int64_t weight_bytes_of(const Graph& graph) {
  std::set<TensorId> counted;
  int64_t bytes = 0;
  const auto add = [&](const Node& node, size_t i) {
    if (i >= node.inputs.size() || node.inputs[i] == kNoTensor) return;
    const Tensor& tensor = graph.tensor(node.inputs[i]);
    if (tensor.is_constant() && counted.insert(node.inputs[i]).second)
      bytes += static_cast<int64_t>(tensor.data.size());
  };
  for (const Node& node : graph.nodes) {
    const bool products = has_products(node.op);
    // Constants of other operators count where they are data and not shapes or axes.
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i] != kNoTensor && (products || (graph.tensor(node.inputs[i]).type != Type::s32 &&
                                                       graph.tensor(node.inputs[i]).type != Type::s64)))
        add(node, i);
    if (products && graph.tensor(node.outputs[0]).type != Type::f32)
      bytes += 8 * graph.tensor(node.outputs[0]).shape.back();
  }
  return bytes;
}

std::vector<RecordedCall> record(const Program& program) {
  const auto reference = std::make_shared<Program>(make_program(program.model));
  const auto layers = emitted_layers(program);
  const Graph& graph = reference->model.main();
  Instance instance(reference, 1);
  std::vector<RecordedCall> calls;
  for (uint32_t seed : kSeeds) {
    const auto inputs = test_input(program, seed);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const MutableView input = instance.input(static_cast<int>(i));
      if (!input.bytes.empty()) std::memcpy(input.bytes.data(), inputs[i].data(), inputs[i].size());
    }
    RecordedCall call{.seed = seed, .crcs = {}};
    instance.run([&](const Node& node) {
      const int index = static_cast<int>(&node - graph.nodes.data());
      if (call.crcs.size() == layers.size() || layers[call.crcs.size()].node != index) return;
      const auto made = static_cast<size_t>(layers[call.crcs.size()].made);
      call.crcs.push_back(crc32(instance.tensor(node.outputs[0]).bytes.first(made)));
    });
    calls.push_back(std::move(call));
  }
  return calls;
}

Compilation compile_for(const std::string& path_or_name, const CompilationOptions& options) {
  Model model = parse_model(model_bytes(path_or_name), path_or_name);
  auto program = compile(std::move(model), {}, [&](Model m) {
    return make_board_program(with_io(std::move(m), options), board_options(options));
  });
  const auto recorded = record(*program);
  return as_c(std::move(program), stem_of(path_or_name), options, recorded);
}

std::vector<Compilation> compile_front(const std::string& path_or_name, const CompilationOptions& options,
                                       size_t most) {
  Model model = parse_model(model_bytes(path_or_name), path_or_name);
  std::vector<Program> programs;
  compile(std::move(model), {}, [&](Model m) {
    programs = board_front(with_io(std::move(m), options), board_options(options), most);
    return programs.front();
  });
  const auto recorded = record(programs.front());  // all of them compute the same
  std::vector<Compilation> front;
  for (Program& program : programs)
    front.push_back(
        as_c(std::make_shared<const Program>(std::move(program)), stem_of(path_or_name), options, recorded));
  return front;
}

void replace_directory(const std::string& path, const std::vector<EmittedFile>& files) {
  fs::path target = fs::path(path).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  std::error_code error;
  const bool there = fs::exists(fs::symlink_status(target, error));
  check(!there || fs::is_directory(target), "{}: is not a folder", path);
  check(!there || fs::is_empty(target, error) || fs::exists(target / kMarker),
        "{}: holds files that teff compile did not write; give another folder with -o", path);
  if (target.has_parent_path()) make_directories(target.parent_path().string());
  const std::string part = fmt::format("{}.{}.part", target.string(), ::getpid());
  const std::string old = fmt::format("{}.{}.old", target.string(), ::getpid());
  try {
    write_files(files, part);
    write_file(part + "/" + kMarker,
               std::string("Written by teff compile, which may replace this folder.\n"));
    if (there) fs::rename(target, old);
    fs::rename(part, target);
  } catch (const std::exception& problem) {
    if (!fs::exists(target, error) && fs::exists(old, error)) fs::rename(old, target, error);
    fs::remove_all(part, error);
    fail("{}: cannot be written: {}", path, problem.what());
  }
  fs::remove_all(old, error);
}

}  // namespace teff::cli

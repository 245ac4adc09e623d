// The header that applications include.
#include <fmt/format.h>

#include "emit/c_text.h"
#include "emit/model.h"
#include "kernels/c/input_rows.h"
#include "plan/step_params.h"

namespace teff {
namespace {

// "real = 0.5 * (stored - 3)" and macros of it, where one scale holds for the tensor.
std::string quantization(const Tensor& tensor, const std::string& prefix) {
  if (tensor.quant.empty() || tensor.quant.per_channel() || is_float(tensor.type)) return "";
  return fmt::format("#define {0}_SCALE {1}\n#define {0}_ZERO_POINT {2}\n", prefix,
                     c_float(tensor.quant.scale()), tensor.quant.zero());
}

std::string tensor_comment(const Tensor& tensor, const char* what, size_t index) {
  std::string text = fmt::format("{} {}: \"{}\", {} {}", what, index, c_comment(tensor.name),
                                 to_string(tensor.shape), name_of(tensor.type));
  if (!tensor.quant.empty() && !tensor.quant.per_channel() && !is_float(tensor.type))
    text += fmt::format(", real = {} * (stored - {})", c_float(tensor.quant.scale()), tensor.quant.zero());
  return "/* " + text + " */\n";
}

// An input that is never there as a whole has no place that one could write it to.
std::string rows_macros(const EmittedModel& model, const std::string& prefix) {
  return fmt::format("#define {0}_ROWS {1}\n#define {0}_ROW_BYTES {2}\n", prefix, model.input_rows->units,
                     params_of<teff_input_rows>(*model.input_rows).row_bytes);
}

std::string rows_type(const EmittedModel& model) {
  if (!model.input_rows) return "";
  return fmt::format(
      "\n/* Delivers the input, a function of the application: writes rows [first_row, first_row + rows), "
      "of\n"
      " * {0}_INPUT_0_ROW_BYTES bytes each and one behind the other, to `to`. The network calls it while it "
      "runs,\n"
      " * for all of the {0}_INPUT_0_ROWS rows from the first to the last, for each of them once, a few at a "
      "time and\n"
      " * as late as it can. Of a camera it may wait for the next lines. `context` is what invoke was given. "
      "*/\n"
      "typedef teff_rows_source {1}_rows;\n",
      upper(model.name), model.name);
}

std::string tensor_access(EmittedModel& model, TensorId id, const char* what, size_t index) {
  const Plan& plan = model.program.plans.front();
  const Tensor& tensor = model.main().tensor(id);
  const PlannedTensor& planned = plan.tensors[static_cast<size_t>(id)];
  const std::string prefix = fmt::format("{}_{}_{}", upper(model.name), upper(what), index);
  std::string text = "\n" + tensor_comment(tensor, what, index);
  text += fmt::format("#define {}_ELEMENTS {}\n#define {}_BYTES {}\n", prefix, tensor.shape.elements(),
                      prefix, planned.bytes);
  text += quantization(tensor, prefix);
  if (model.input_rows && id == model.main().inputs[0]) return text + rows_macros(model, prefix);
  const std::string_view type = c_type(tensor.type);
  const std::string function =
      fmt::format("{}* {}_{}_{}({})", type, model.name, what, index, model.parameters());
  if (planned.location.place != Location::Place::arena) return text + function + ";\n";
  const auto [piece, offset] = model.in_arena(planned.location.offset);
  const bool alone = model.arenas() == 1 && !model.has_state();
  return text + fmt::format("static inline {} {{\n{}  return ({}*)((unsigned char*){} + {});\n}}\n", function,
                            alone ? "" : model.unused("arena"), type, piece_name("arena", piece), offset);
}

// Where the arena comes in pieces, each says which region it was planned for.
std::string arena_macros(const EmittedModel& model) {
  const std::string macro = upper(model.name);
  std::string text;
  for (size_t i = 0; i < model.arenas(); ++i) {
    text += fmt::format("#define {}_BYTES {}", upper(piece_name(model.name + "_arena", i)),
                        model.bytes_of_arena(i));
    if (model.arenas() > 1)
      text += fmt::format(" /* in {} */", c_comment(model.program.arena_parts[i].region));
    text += "\n";
  }
  return text + fmt::format("#define {}_ARENA_ALIGNMENT 16\n", macro);
}

std::string state_struct(const EmittedModel& model) {
  if (!model.has_state()) return "";
  std::string text = "\n/* What the network remembers from call to call; the caller owns it. */\n";
  text += fmt::format("typedef struct {}_state {{\n", model.name);
  const char* alignment = " __attribute__((aligned(16)))";
  for (const StateMember& member : model.state) {
    text += fmt::format("  uint8_t {}[{}]{};\n", member.name, member.bytes, alignment);
    alignment = "";
  }
  for (int plan : model.once) text += fmt::format("  uint8_t ran_{};\n", plan);
  text += fmt::format("}} {}_state;\n", model.name);
  text +=
      fmt::format("\n/* The state before the first call. */\nvoid {0}_init({0}_state* state);\n", model.name);
  return text;
}

std::string usage(const EmittedModel& model) {
  const std::string& n = model.name;
  const std::string macro = upper(n);
  std::string text = fmt::format("/* {}\n *\n", c_comment(model.options.name));
  for (size_t i = 0; i < model.arenas(); ++i)
    text += fmt::format(" *     static unsigned char {}[{}_BYTES] __attribute__((aligned(16){}));\n",
                        piece_name("arena", i), upper(piece_name(n + "_arena", i)),
                        model.arenas() == 1 ? "" : ", section(\"...\")");
  if (model.has_state()) text += fmt::format(" *     static {0}_state state;\n *     {0}_init(&state);\n", n);
  const std::string arguments = model.list("arena", "", "&state");
  if (model.input_rows)
    text += fmt::format(
        " *     void next_rows(void* context, int32_t first_row, int32_t rows, int8_t* to) {{\n"
        " *       ... write so many rows of the input to `to`, each of {2}_INPUT_0_ROW_BYTES bytes ...\n *   "
        "  }}\n"
        " *     if ({0}_invoke({1}, next_rows, 0) == TEFF_FINE)\n",
        n, arguments, macro);
  else
    text += fmt::format(
        " *     ... write the input to {0}_input_0({1}) ...\n *     if ({0}_invoke({1}) == TEFF_FINE)\n", n,
        arguments);
  text += fmt::format(" *       ... read the result from {0}_output_0({1}) ...\n *\n", n, arguments);
  const bool several = model.has_state() || model.arenas() > 1;
  text += " * Nothing else is needed: no heap, no operating system. All memory that changes is the arena";
  if (model.arenas() > 1) text += "'s pieces";
  if (model.has_state()) text += " and the\n * state";
  text += several ? ", which belong" : ", which belongs";
  text +=
      "\n * to the caller: several networks, or several copies of one, may live in one program. A call "
      "leaves the\n"
      " * outputs in the arena and may leave anything elsewhere in it";
  text += model.input_rows ? ".\n */\n" : ": inputs are to be written before each call.\n */\n";
  return text;
}

}  // namespace

std::string model_header(EmittedModel& model) {
  const std::string macro = upper(model.name);
  std::string text = usage(model);
  text += fmt::format("#ifndef {0}_H\n#define {0}_H\n\n#include <stdint.h>\n\n#include \"teff/{1}.h\"\n\n",
                      macro, model.input_rows ? "input_rows" : "base");
  text += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  text += "/* The memory that the network works in, inputs and outputs included. */\n";
  text += arena_macros(model);
  text += state_struct(model);
  text += rows_type(model);
  const Graph& graph = model.main();
  for (size_t i = 0; i < graph.inputs.size(); ++i) text += tensor_access(model, graph.inputs[i], "input", i);
  for (size_t i = 0; i < graph.outputs.size(); ++i)
    text += tensor_access(model, graph.outputs[i], "output", i);
  text += "\n/* Runs the network once. TEFF_FINE, or what went wrong";
  text += model.may_fault ? "; TEFF_ENOUGH: the network waits for more data,\n * there is no result yet. */\n"
                          : ". */\n";
  text +=
      fmt::format("teff_fault {}_invoke({}{});\n", model.name, model.parameters(), model.source_parameters());
  text += fmt::format(
      "\n/* Compiled with TEFF_HOOKED defined, every layer's result is shown to this function, which the "
      "program then\n"
      " * has to define: for timing and for tests. An image that is made row by row comes in pieces, rows "
      "[first,\n"
      " * last); other results come as a whole, as 0, 1. */\n#define {}_LAYERS {}\n",
      macro, model.layers.size());
  text +=
      "#ifdef TEFF_HOOKED\nvoid teff_hook(int32_t layer, const void* data, int32_t bytes, int32_t first, "
      "int32_t "
      "last);\n#endif\n";
  return text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

}  // namespace teff

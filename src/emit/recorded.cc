// Inputs and results of the host, and a program that holds another machine to them.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/view.h"
#include "emit/c_text.h"
#include "emit/model.h"

namespace teff {
namespace {

uint8_t next_byte(uint32_t& state) {
  state = state * 1664525u + 1013904223u;
  return static_cast<uint8_t>(state >> 24);
}

// How a byte becomes a float: (byte - zero) * scale.
struct FloatRange {
  int32_t zero = 0;
  float scale = 1.0f / 128;
};

FloatRange float_range(const Graph& graph, TensorId input) {
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<Quantize>(node.op) || node.inputs[0] != input) continue;
    const Tensor& y = graph.tensor(node.outputs[0]);
    if (y.type == Type::s8 && !y.quant.per_channel()) return {y.quant.zero(), y.quant.scale()};
  }
  return {};
}

template <class T>
void put(std::vector<std::byte>& bytes, size_t i, T value) {
  std::memcpy(&bytes[i * sizeof(T)], &value, sizeof value);
}

void put_element(std::vector<std::byte>& bytes, size_t i, Type type, const FloatRange& range, uint8_t byte) {
  const auto number = static_cast<int8_t>(byte);
  switch (type) {
    case Type::f32: return put(bytes, i, static_cast<float>(number - range.zero) * range.scale);
    case Type::f64:
      return put(bytes, i, static_cast<double>(number - range.zero) * static_cast<double>(range.scale));
    case Type::s16: return put(bytes, i, static_cast<int16_t>(number * 256));
    case Type::s32:
    case Type::u32: return put(bytes, i, static_cast<int32_t>(byte >> 7));
    case Type::s64:
    case Type::u64: return put(bytes, i, static_cast<int64_t>(byte >> 7));
    case Type::boolean: return put(bytes, i, static_cast<uint8_t>(byte >> 7));
    case Type::u16:
    case Type::f16:
    case Type::bf16: return put(bytes, i, static_cast<uint16_t>(byte));
    default: return put(bytes, i, byte);
  }
}

// The same in C.
std::string element_in_c(Type type, const FloatRange& range) {
  switch (type) {
    case Type::f32:
      return fmt::format("(float)((int8_t)test_next(&state) - {}) * {}", range.zero, c_float(range.scale));
    case Type::f64:
      return fmt::format("(double)((int8_t)test_next(&state) - {}) * (double){}", range.zero,
                         c_float(range.scale));
    case Type::s16: return "(int16_t)((int8_t)test_next(&state) * 256)";
    case Type::s32:
    case Type::u32:
    case Type::s64:
    case Type::u64:
    case Type::boolean: return fmt::format("({})(test_next(&state) >> 7)", c_type(type));
    default: return fmt::format("({})test_next(&state)", c_type(type));
  }
}

// Elements in memory: packed ones share a byte.
int64_t stored_elements(const Tensor& tensor) {
  const int64_t bytes = bytes_for(tensor.type, tensor.shape.elements());
  return bits_of(tensor.type) < 8 ? bytes : bytes / (bits_of(tensor.type) / 8);
}

std::string test_arenas(const EmittedModel& model) {
  std::string text = "arena";
  for (size_t i = 1; i < model.arenas(); ++i)
    text += fmt::format(", TEST_PIECE(arena, {}, {})", i, model.program.arena_parts[i].begin);
  return text;
}

// Pieces of the arena lie one behind the other in a test, but where somebody has places for them.
std::string test_pieces(const EmittedModel& model) {
  std::string text;
  for (size_t i = 0; i < model.arenas(); ++i)
    text +=
        fmt::format("#define TEST_PIECE_{}_BYTES {}_BYTES\n", i, upper(piece_name(model.name + "_arena", i)));
  if (model.arenas() == 1) return text;
  return text +
         "#ifdef TEST_PIECES\nextern unsigned char* const test_pieces[];\n"
         "#define TEST_PIECE(arena, i, begin) test_pieces[i]\n#else\n"
         "#define TEST_PIECE(arena, i, begin) ((unsigned char*)(arena) + (begin))\n#endif\n";
}

// The application's part where the input comes row by row: the same bytes, as they are asked for. A program
// that counts instructions does not count these.
std::string source_functions(const EmittedModel& model) {
  return fmt::format(R"(
#ifndef TEST_PAUSE
#define TEST_PAUSE() ((void)0)
#define TEST_GO_ON() ((void)0)
#endif
typedef struct test_source {{
  uint32_t state;
  int32_t next; /* row; -1 once a row was asked for that was not the next */
}} test_source;
static test_source test_camera;

static void test_next_rows(void* context, int32_t first_row, int32_t rows, int8_t* to) {{
  test_source* source = (test_source*)context;
  int32_t i;
  TEST_PAUSE();
  source->next = first_row == source->next ? first_row + rows : -1;
  for (i = 0; i < rows * {0}_INPUT_0_ROW_BYTES; ++i) to[i] = (int8_t)test_next(&source->state);
  TEST_GO_ON();
}}

static inline void test_fill(void* arena, test_state* memory, uint32_t seed) {{
  (void)arena;
  (void)memory;
  test_camera.state = seed;
  test_camera.next = 0;
}}

/* Whether the network has asked for every row once. */
static inline int test_all_asked(void) {{ return test_camera.next == {0}_INPUT_0_ROWS; }}
)",
                     upper(model.name));
}

std::string fill_function(const EmittedModel& model) {
  if (model.input_rows) return source_functions(model);
  const Graph& graph = model.main();
  std::string text =
      "static inline void test_fill(void* arena, test_state* memory, uint32_t seed) {\n  uint32_t state = "
      "seed;\n";
  text += "  int32_t i;\n  (void)memory;\n  (void)state;\n  (void)arena;\n  (void)i;\n";
  for (size_t k = 0; k < graph.inputs.size(); ++k) {
    const Tensor& tensor = graph.tensor(graph.inputs[k]);
    if (bits_of(tensor.type) == 0) continue;
    text += fmt::format("  for (i = 0; i < {}; ++i) {}_input_{}({}{})[i] = {};\n", stored_elements(tensor),
                        model.name, k, test_arenas(model), model.has_state() ? ", memory" : "",
                        element_in_c(tensor.type, float_range(graph, graph.inputs[k])));
  }
  return text + "}\n\nstatic inline int test_all_asked(void) { return 1; }\n";
}

// A checksum of all outputs.
std::string outputs_function(const EmittedModel& model) {
  const Graph& graph = model.main();
  std::string text =
      "\nstatic inline uint32_t test_outputs(void* arena, test_state* memory) {\n  uint32_t crc = 0;\n"
      "  (void)memory;\n  (void)arena;\n";
  for (size_t k = 0; k < graph.outputs.size(); ++k)
    if (bits_of(graph.tensor(graph.outputs[k]).type) > 0)
      text +=
          fmt::format("  crc = test_crc(crc, {0}_output_{1}({2}{3}), {4}_OUTPUT_{1}_BYTES);\n", model.name, k,
                      test_arenas(model), model.has_state() ? ", memory" : "", upper(model.name));
  return text + "  return crc;\n}\n";
}

std::string numbers(const std::vector<std::string>& values) {
  constexpr size_t kLineWidth = 104;
  std::string text, line = "\n   ";
  for (const std::string& value : values) {
    if (line.size() + value.size() > kLineWidth) text += line, line = "\n   ";
    line += " " + value + ",";
  }
  return text + line;
}

std::string recorded_tables(const EmittedModel& model) {
  const auto& calls = model.options.recorded;
  const size_t layers = std::max<size_t>(model.layers.size(), 1);
  std::vector<std::string> seeds, ran, crcs, names;
  for (const RecordedCall& call : calls) {
    seeds.push_back(fmt::format("{}u", call.seed));
    ran.push_back(std::to_string(call.crcs.size()));
    for (size_t i = 0; i < layers; ++i)
      crcs.push_back(fmt::format("0x{:08x}u", i < call.crcs.size() ? call.crcs[i] : 0));
  }
  for (const EmittedLayer& layer : model.layers)
    names.push_back(fmt::format("\"{} {}\"", layer.name, layer.shape));
  if (names.empty()) names.emplace_back("\"\"");
  if (seeds.empty()) seeds = {"1u"}, ran = {"0"}, crcs.assign(layers, "0");
  std::string text = fmt::format("#define TEST_CALLS {}\n#define TEST_LAYERS {}\n", seeds.size(), layers);
  text += "static const uint32_t test_seeds[] = {" + numbers(seeds) + "\n};\n";
  text += "/* How many layers are computed: a network that waits for more data stops early. */\n";
  text += "static const int32_t test_layers_run[] = {" + numbers(ran) + "\n};\n";
  text += "static const uint32_t test_crcs[] = {" + numbers(crcs) + "\n};\n";
  return text + "static const char* const test_layer_names[] = {" + numbers(names) + "\n};\n";
}

constexpr const char* kHelpers = R"(
static inline uint8_t test_next(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return (uint8_t)(*state >> 24);
}

/* CRC-32 as zlib has it, half a byte at a time. */
static inline uint32_t test_crc(uint32_t crc, const void* data, int32_t bytes) {
  static const uint32_t table[16] = {0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u,
                                     0x4db26158u, 0x5005713cu, 0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu,
                                     0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu};
  const uint8_t* p = (const uint8_t*)data;
  int32_t i;
  crc = ~crc;
  for (i = 0; i < bytes; ++i) {
    crc ^= p[i];
    crc = (crc >> 4) ^ table[crc & 15u];
    crc = (crc >> 4) ^ table[crc & 15u];
  }
  return ~crc;
}
)";

constexpr const char* kTest = R"(
static uint32_t crcs[TEST_LAYERS];

#ifdef __cplusplus
extern "C"
#endif
void teff_hook(int32_t layer, const void* data, int32_t bytes, int32_t first, int32_t last) {
  (void)last;
  crcs[layer] = test_crc(first == 0 ? 0 : crcs[layer], data, bytes);
}

/* Where malloc aligns well enough the arena has exactly the bytes that it needs: sanitizers see what goes
 * beyond. */
int main(void) {
  unsigned char* memory = (unsigned char*)malloc(TEST_ARENA_BYTES);
  unsigned char* arena;
  test_state* state = (test_state*)malloc(sizeof(test_state));
  int call, layer, failures = 0;
  if (memory && (uintptr_t)memory % 16u != 0) {
    free(memory);
    memory = (unsigned char*)malloc(TEST_ARENA_BYTES + 16u);
  }
  if (!memory || !state) return 2;
  arena = memory + (16u - (uintptr_t)memory % 16u) % 16u;
  test_init(state);
  for (call = 0; call < TEST_CALLS && failures == 0; ++call) {
    teff_fault fault;
    test_fill(arena, state, test_seeds[call]);
    fault = test_invoke(arena, state);
    if (fault != TEFF_FINE && fault != TEFF_ENOUGH) {
      printf("call %d: fault %d\n", call, (int)fault);
      failures = 1;
    }
    if (fault == TEFF_FINE && !test_all_asked()) {
      printf("call %d: not every row of the input was asked for once\n", call);
      failures = 1;
    }
    for (layer = 0; layer < test_layers_run[call] && failures == 0; ++layer) {
      if (crcs[layer] == test_crcs[call * TEST_LAYERS + layer]) continue;
      printf("seed %u: layer %d (%s) differs: crc32 %08x, not %08x\n", (unsigned)test_seeds[call], layer,
             test_layer_names[layer], (unsigned)crcs[layer], (unsigned)test_crcs[call * TEST_LAYERS + layer]);
      failures = 1;
    }
  }
  free(memory);
  free(state);
  if (failures == 0) printf("%d calls, all layers as recorded\n", TEST_CALLS);
  return failures;
}
)";

}  // namespace

std::vector<Bytes> test_input(const Program& program, uint32_t seed) {
  const Graph& graph = program.model.main();
  std::vector<Bytes> inputs;
  for (TensorId id : graph.inputs) {
    const Tensor& tensor = graph.tensor(id);
    std::vector<std::byte> bytes(static_cast<size_t>(bytes_for(tensor.type, tensor.shape.elements())));
    const FloatRange range = float_range(graph, id);
    const int64_t count = bits_of(tensor.type) == 0 ? 0 : stored_elements(tensor);
    for (int64_t i = 0; i < count; ++i)
      put_element(bytes, static_cast<size_t>(i), tensor.type, range, next_byte(seed));
    inputs.push_back(Bytes::own(std::move(bytes)));
  }
  return inputs;
}

std::string recorded_header(const EmittedModel& model) {
  const std::string macro = upper(model.name);
  std::string text =
      "/* Calls of the network as a computer made them: seeds of inputs, checksums of every layer's result. "
      "*/\n";
  text += fmt::format("#ifndef {0}_RECORDED_H\n#define {0}_RECORDED_H\n\n#include \"{1}.h\"\n\n", macro,
                      model.name);
  const std::string source = model.input_rows ? ", test_next_rows, &test_camera" : "";
  text += fmt::format("#define TEST_NAME \"{}\"\n#define TEST_ARENA_BYTES {}\n", model.name,
                      model.arenas() == 1 ? macro + "_ARENA_BYTES" : std::to_string(model.arena_bytes));
  text += test_pieces(model);
  if (model.has_state())
    text += fmt::format(
        "typedef {0}_state test_state;\n#define test_init(state) {0}_init(state)\n"
        "#define test_invoke(arena, state) {0}_invoke({1}, state{2})\n",
        model.name, test_arenas(model), source);
  else
    text += fmt::format(
        "typedef struct test_state {{\n  int none;\n}} test_state;\n#define test_init(state) "
        "((void)(state))\n"
        "#define test_invoke(arena, state) {}_invoke({}{})\n",
        model.name, test_arenas(model), source);
  text += recorded_tables(model) + kHelpers + "\n" + fill_function(model) + outputs_function(model);
  return text + "\n#endif\n";
}

std::string serve_source() {
  static constexpr EmbeddedText kFiles[] = {
#include "serve.inc"
  };
  return std::string(kFiles[0].text);
}

std::string test_source(const EmittedModel& model) {
  std::string text =
      fmt::format("/* Runs {} on recorded inputs and compares every layer: build with -DTEFF_HOOKED. */\n",
                  c_comment(model.options.name));
  return text + "#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n\n#include \"recorded.h\"\n" +
         kTest;
}

}  // namespace teff

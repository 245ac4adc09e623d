// What the reader and the writer of TFLite files share: the schema as data, and the rules that a model must
// obey whichever way it goes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/types.h"
#include "formats/tflite.h"

namespace teff::tflite {

inline constexpr std::string_view kIdentifier = "TFL3";
inline constexpr uint32_t kSchemaVersion = 3;

// Codes above it do not fit into the field of old files; it stands there instead of them.
inline constexpr int kPlaceholderCode = 127;

// Data outside the flatbuffer are where an offset says, unless the offset is one of these.
inline constexpr uint64_t kNoOffset = 1;

enum class OptionKind : uint8_t { i8, i32, u32, i64, f32, boolean, text, i32s, f32s };

struct OptionRow {
  std::string_view name;
  int field;
  OptionKind kind;
  int otherwise;
};

// A table of options: which alternative of which of the two unions it is, and its fields.
struct OptionTable {
  std::string_view name;
  int member = 0;  // 1: BuiltinOptions, 2: BuiltinOptions2, 0: no table
  int number = 0;
  std::span<const OptionRow> rows;
};

// The options of an operator; no table for those that have none, or none that are known here.
const OptionTable& options_of(int code);
// Whether the operator has options in the schema that are neither read nor written.
bool has_unread_options(int code);

std::optional<Type> type_of_number(int tensor_type);
int number_of_type(Type type);

// "operator 3 CONV_2D", "tensor 7 'input'": for messages.
std::string label(const Operator& op, size_t index);
std::string label(const Tensor& tensor, size_t index);

// Throws Error where a shape, an axis or an index of a subgraph or a tensor is not possible.
void check_model(const Model& model);

}  // namespace teff::tflite

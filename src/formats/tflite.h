// A TFLite file as plain values: what the bytes say, not yet what they mean (that is graph/from_tflite).
//
// read_tflite checks every offset, length and index before it is used; nothing is allocated that is not
// backed by bytes of the file. Constant data are slices of the file, shared, and copied only where the file
// has them at an address that their element type does not permit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes.h"
#include "core/quant.h"
#include "core/types.h"

namespace teff::tflite {

// The options of an operator by the names of TFLite's schema ("stride_w", "fused_activation_function").
// Enumerations are their numbers. An option that the file leaves out has its default; one that the schema
// does not know is absent.
using Value = std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>>;
struct Attributes {
  std::vector<std::pair<std::string, Value>> values;

  const Value* find(std::string_view name) const;  // null: absent
  void set(std::string name, Value value);
  bool operator==(const Attributes&) const = default;
};

// One dimension of a sparse tensor (TFLite's DimensionMetadata).
struct SparseDimension {
  bool compressed = false;        // CSR; otherwise dense
  int dense_size = 0;             // when dense
  std::vector<int32_t> segments;  // when compressed
  std::vector<int32_t> indices;

  bool operator==(const SparseDimension&) const = default;
};
struct Sparsity {
  std::vector<int32_t> traversal_order, block_map;
  std::vector<SparseDimension> dimensions;

  bool operator==(const Sparsity&) const = default;
};

struct Tensor {
  std::string name;
  Type type = Type::f32;
  std::vector<int32_t> shape;
  std::vector<int32_t> shape_signature;  // empty, or as shape with -1 where the extent is not fixed
  Bytes data;                            // owned(): a constant
  Quant quant;
  bool is_variable = false;  // state that lives from call to call
  std::optional<Sparsity> sparsity;

  bool operator==(const Tensor&) const = default;
};

struct Operator {
  int code = 0;             // BuiltinOperator
  std::string custom_name;  // when code is kCustom
  int version = 1;
  std::vector<int32_t> inputs, outputs, intermediates;  // tensors; -1: left out
  Attributes attributes;
  Bytes custom_options;

  bool operator==(const Operator&) const = default;
};

struct Subgraph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<int32_t> inputs, outputs;
  std::vector<Operator> operators;

  bool operator==(const Subgraph&) const = default;
};

struct Signature {
  std::string key;
  int subgraph = 0;
  std::vector<std::pair<std::string, int32_t>> inputs, outputs;  // name, tensor

  bool operator==(const Signature&) const = default;
};

struct Model {
  int version = 3;
  std::string description;
  std::vector<Subgraph> subgraphs;
  std::vector<Signature> signatures;
  std::vector<std::pair<std::string, Bytes>> metadata;

  bool operator==(const Model&) const = default;
};

inline constexpr int kCustom = 32;

// The operators of TFLite's schema: "CONV_2D" is 3. Empty and -1 for what it does not know.
std::string_view operator_name(int code);
int operator_code(std::string_view name);

bool looks_like_tflite(const Bytes& file);

// Throws Error naming the byte offset or the subgraph, operator or tensor at fault.
Model read_tflite(const Bytes& file);

// A file that read_tflite reads back equal, and that TFLite and TFLite Micro accept: buffers aligned to 16
// bytes, options with the union type that the operator wants, equal constants stored once. Options that are
// left out come back as their defaults; scales per group come back with the tensor that TFLite wants for
// them, added to the subgraph unless it has it. Throws Error for what the format cannot say. Equal models
// give equal bytes.
std::vector<std::byte> tflite_bytes(const Model& model);

}  // namespace teff::tflite

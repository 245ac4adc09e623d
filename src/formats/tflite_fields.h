// The numbers of the fields of TFLite's tables: each enumeration lists the fields of one table in the order
// of the schema, those that are out of use included.
#pragma once

namespace teff::tflite {

struct ModelField {
  enum { version, operator_codes, subgraphs, description, buffers, metadata_buffer, metadata, signatures };
};
struct OperatorCodeField {
  enum { deprecated_builtin_code, custom_code, version, builtin_code };
};
struct SubgraphField {
  enum { tensors, inputs, outputs, operators, name };
};
struct TensorField {
  enum {
    shape,
    type,
    buffer,
    name,
    quantization,
    is_variable,
    sparsity,
    shape_signature,
    has_rank,
    variant_tensors,
    external_buffer
  };
};
struct QuantizationField {
  enum { min, max, scale, zero_point, details_type, details, quantized_dimension };
};
struct BlockwiseField {
  enum { scales, zero_points, block_size };
};
struct SparsityField {
  enum { traversal_order, block_map, dimensions };
};
struct DimensionField {
  enum { format, dense_size, segments_type, segments, indices_type, indices };
};
struct IndexVectorField {
  enum { values };
};
struct OperatorField {
  enum {
    opcode_index,
    inputs,
    outputs,
    options_type,
    options,
    custom_options,
    custom_options_format,
    mutating_variable_inputs,
    intermediates,
    large_custom_options_offset,
    large_custom_options_size,
    options_2_type,
    options_2
  };
};
struct BufferField {
  enum { data, offset, size };
};
struct MetadataField {
  enum { name, buffer };
};
struct SignatureField {
  enum { inputs, outputs, key, deprecated_tag, subgraph };
};
struct TensorMapField {
  enum { name, tensor };
};

// The alternatives of the schema's unions, as far as they are read and written.
enum QuantizationDetails { kAffine = 0, kBlockwise = 2 };
enum IndexVectorType { kNoIndices = 0, kInt32Indices = 1, kUint16Indices = 2, kUint8Indices = 3 };

}  // namespace teff::tflite

#include "plan/halo.h"

#include <algorithm>

namespace teff {
namespace {

int64_t length(Range range) { return std::max<int64_t>(range.end - range.begin, 0); }

// What of each layer's result a patch needs, along one axis, the first layer first; then its input.
struct AxisNeeds {
  std::vector<int64_t> results;
  int64_t input = 0;
};

AxisNeeds needs_of(const std::vector<PatchLayer>& layers, AxisWindow PatchLayer::*axis, Range outputs) {
  AxisNeeds needs;
  needs.results.resize(layers.size());
  for (size_t i = layers.size(); i-- > 0;) {
    needs.results[i] = length(outputs);
    outputs = inputs_of(layers[i].*axis, outputs);
  }
  needs.input = length(outputs);
  return needs;
}

// All patches along one axis.
std::vector<AxisNeeds> needs_along(const std::vector<PatchLayer>& layers, AxisWindow PatchLayer::*axis,
                                   int32_t patches) {
  const int64_t extent = (layers.back().*axis).out, size = (extent + patches - 1) / patches;
  std::vector<AxisNeeds> result;
  for (int64_t begin = 0; begin < extent; begin += size)
    result.push_back(needs_of(layers, axis, {begin, std::min(begin + size, extent)}));
  return result;
}

void add_patch(const std::vector<PatchLayer>& layers, const AxisNeeds& rows, const AxisNeeds& columns,
               PatchCost& cost) {
  int64_t input = rows.input * columns.input * layers.front().in_channels;
  for (size_t i = 0; i < layers.size(); ++i) {
    const PatchLayer& layer = layers[i];
    const int64_t pixels = rows.results[i] * columns.results[i];
    const int64_t whole = int64_t{layer.rows.out} * layer.columns.out;
    const int64_t result = pixels * layer.out_channels;
    cost.macs += layer.macs / whole * pixels;
    cost.patch_bytes = std::max(cost.patch_bytes, layer.in_place ? std::max(input, result) : input + result);
    input = result;
  }
}

}  // namespace

Range inputs_of(const AxisWindow& w, Range outputs) {
  if (outputs.empty()) return {};
  const int64_t begin = outputs.begin * w.stride - w.pad;
  const int64_t end = (outputs.end - 1) * w.stride - w.pad + int64_t{w.kernel - 1} * w.dilation + 1;
  return {std::max<int64_t>(begin, 0), std::min<int64_t>(end, w.in)};
}

PatchCost patch_cost(const std::vector<PatchLayer>& layers, int32_t patches) {
  PatchCost cost;
  const PatchLayer& last = layers.back();
  cost.result_bytes = int64_t{last.rows.out} * last.columns.out * last.out_channels;
  for (const PatchLayer& layer : layers) cost.whole_macs += layer.macs;
  const std::vector<AxisNeeds> columns = needs_along(layers, &PatchLayer::columns, patches);
  for (const AxisNeeds& row : needs_along(layers, &PatchLayer::rows, patches))
    for (const AxisNeeds& column : columns) add_patch(layers, row, column, cost);
  return cost;
}

}  // namespace teff

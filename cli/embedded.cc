#include "embedded.h"

namespace teff::cli {
namespace {

alignas(16) constexpr unsigned char kTflite[] = {
#include "fashion/fashion.tflite.inc"
};
constexpr char kLabels[] = {
#include "fashion/labels.txt.inc"
};
constexpr unsigned char kSamples[] = {
#include "fashion/samples.bin.inc"
};
constexpr unsigned char kOutputs[] = {
#include "fashion/outputs.bin.inc"
};

constexpr std::size_t kSampleBytes = 1 + 28 * 28;
static_assert(sizeof(kSamples) % kSampleBytes == 0);

}  // namespace

const EmbeddedModel& embedded_fashion() {
  static const EmbeddedModel model{
      .name = "fashion",
      .tflite = std::as_bytes(std::span(kTflite)),
      .labels = {kLabels, sizeof(kLabels)},
      .samples = std::as_bytes(std::span(kSamples)),
      .sample_bytes = kSampleBytes,
      .outputs = std::as_bytes(std::span(kOutputs)),
  };
  return model;
}

}  // namespace teff::cli

#include "plan/pack_x86.h"

#include <cstring>
#include <memory>

#include "core/aligned_buffer.h"
#include "kernels/x86/s8.h"

namespace teff {
namespace {

// Bytes that begin at a multiple of 64, as vectors that are loaded whole should.
class Writer {
 public:
  explicit Writer(size_t bytes) : buffer_(std::make_shared<AlignedBuffer>(bytes)) {}
  // At byte `at`.
  void put(int64_t at, int64_t value, int32_t bytes) {
    for (int32_t i = 0; i < bytes; ++i)
      buffer_->data()[at + i] = static_cast<std::byte>(value >> 8 * i & 255);
  }
  Bytes take() {
    const std::span<const std::byte> bytes = buffer_->span();
    return Bytes(std::move(buffer_), bytes);
  }

 private:
  std::shared_ptr<AlignedBuffer> buffer_;
};

// As [4][width] from byte `at` on.
void put_constants(Writer& writer, int64_t at, int64_t place, int64_t width, const teff_scale_x86& c) {
  const int32_t words[] = {c.start, c.multiplier, c.offset, c.shift};
  for (int64_t k = 0; k < 4; ++k) writer.put(at + 4 * (k * width + place), words[k], 4);
}

class Packer {
 public:
  Packer(const ConvConstants& constants, const teff_result& result, const X86Sums& sums)
      : c_(constants),
        result_(result),
        sums_(sums),
        pieces_(c_.window.kernel_h * teff_pieces_x86(&c_.window)),
        inputs_(teff_piece_inputs_x86(&c_.window)),
        steps_((inputs_ + sums.group - 1) / sums.group),
        writer_(bytes()) {}

  Bytes pack() {
    for (int32_t o = 0; o < c_.outputs;) {
      const int32_t vectors = teff_block_vectors_x86(c_.outputs - o, sums_.lanes);
      for (int32_t v = 0; v < vectors; ++v)
        for (int32_t lane = 0; lane < sums_.lanes; ++lane) {
          const int32_t output = o + lane / 4 * 4 * vectors + 4 * v + lane % 4;
          if (output < c_.outputs) put_output(output, vectors, v * sums_.lanes + lane);
        }
      at_ += block_bytes(vectors);
      o += vectors * sums_.lanes;
    }
    return writer_.take();
  }

 private:
  int64_t block_bytes(int32_t vectors) const {
    const int64_t a_step = sums_.step_bytes();
    return vectors * sums_.lanes * (16 + a_step * pieces_ * steps_);
  }
  size_t bytes() const {
    int64_t bytes = 0;
    for (int32_t o = 0, vectors; o < c_.outputs; o += vectors * sums_.lanes) {
      vectors = teff_block_vectors_x86(c_.outputs - o, sums_.lanes);
      bytes += block_bytes(vectors);
    }
    return static_cast<size_t>(bytes);
  }

  // `place`: of the lane among all of its block's.
  void put_output(int32_t output, int32_t vectors, int64_t place) {
    const int64_t width = int64_t{vectors} * sums_.lanes;
    const int8_t* weights = c_.weights.data() + int64_t{output} * pieces_ * inputs_;
    int64_t sum = 0;
    for (int64_t piece = 0; piece < pieces_; ++piece)
      for (int64_t i = 0; i < inputs_; ++i) {
        const int64_t weight = weights[piece * inputs_ + i];
        const int64_t step = piece * steps_ + i / sums_.group;
        const int64_t index = (step * width + place) * sums_.group + i % sums_.group;
        writer_.put(at_ + 16 * width + index * sums_.input_bytes, weight, sums_.input_bytes);
        sum += weight;
      }
    put_constants(writer_, at_, place, width,
                  scale_x86(c_.channels[static_cast<size_t>(output)], result_, sums_.added * sum));
  }

  const ConvConstants& c_;
  const teff_result& result_;
  const X86Sums& sums_;
  int64_t pieces_, inputs_, steps_;
  int64_t at_ = 0;  // of the block
  Writer writer_;
};

}  // namespace

teff_scale_x86 scale_x86(const teff_channel& c, const teff_result& r, int64_t added) {
  const auto start = static_cast<int32_t>(static_cast<uint32_t>(c.bias) - static_cast<uint32_t>(added));
  switch (r.scaling) {
    case TEFF_SCALE_RIGHT:
      return {start, c.multiplier, teff_wrap_shl(2 * r.zero + 1, -c.offset - 1), -c.offset};
    case TEFF_SCALE_TFLITE: return {start, c.multiplier, r.zero, c.offset};
    default: return {start, c.multiplier, c.offset, r.right};
  }
}

Bytes pack_depthwise_x86(const ConvConstants& c, const teff_result& result, const X86Sums& x86, int32_t sets,
                         bool flat) {
  const int32_t taps = c.window.kernel_h * c.window.kernel_w, vectors = x86.set / x86.lanes;
  const int64_t set_bytes = x86.set * (16 + int64_t{x86.step_bytes()} * ((taps + x86.group - 1) / x86.group));
  Writer writer(static_cast<size_t>(sets * set_bytes));
  for (int32_t lane = 0; lane < x86.set * sets; ++lane) {
    const int32_t channel = flat ? lane % c.outputs : lane;
    if (channel >= c.outputs) continue;
    const int64_t at = lane / x86.set * set_bytes, in_set = lane % x86.set;
    const int64_t place = in_set / 4 % vectors * x86.lanes + in_set / (4 * vectors) * 4 + in_set % 4;
    int64_t sum = 0;
    for (int32_t t = 0; t < taps; ++t) {
      const int8_t weight = c.weights[static_cast<size_t>(t * c.outputs + channel)];
      const int64_t index = (t / x86.group * int64_t{x86.set} + place) * x86.group + t % x86.group;
      writer.put(at + 16 * x86.set + index * x86.input_bytes, weight, x86.input_bytes);
      sum += weight;
    }
    put_constants(writer, at, place, x86.set,
                  scale_x86(c.channels[static_cast<size_t>(channel)], result, x86.added * sum));
  }
  return writer.take();
}

Bytes pack_conv_x86(const ConvConstants& constants, const teff_result& result, const X86Sums& sums) {
  return Packer(constants, result, sums).pack();
}

}  // namespace teff

// One convolution, 3 x 3 with stride 1 and a border of zeros, computed in several ways. Images are NHWC (the
// channels of a pixel lie together) where nothing else is said; weights are [3][3][in][out].
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace teff::lab {

struct ConvShape {
  int64_t height, width, in, out;
  int64_t pixels() const { return height * width; }
  int64_t macs() const { return pixels() * 9 * in * out; }
};

// A convolution with its weights made ready, which happens once for a network and is not timed.
class Conv {
 public:
  virtual ~Conv() = default;
  virtual void run(const float* x, float* y) = 0;
  virtual int64_t products() const = 0;       // multiplications of numbers that depend on x
  virtual int64_t scratch_bytes() const = 0;  // memory beside x, y and the weights
};

struct ConvStep {
  const char* name;
  const char* words;
  const char* lecture;  // what it says of it; may be empty
  bool planes;          // x and y are NCHW
  double room;          // how many times the error of a plain sum is allowed
  std::unique_ptr<Conv> (*make)(const ConvShape& shape, const float* weights);
};
std::span<const ConvStep> conv_steps();

std::unique_ptr<Conv> direct_nchw(const ConvShape& shape, const float* weights);
std::unique_ptr<Conv> direct_nhwc(const ConvShape& shape, const float* weights);
std::unique_ptr<Conv> im2col(const ConvShape& shape, const float* weights);
std::unique_ptr<Conv> implicit_gemm(const ConvShape& shape, const float* weights);
std::unique_ptr<Conv> winograd2(const ConvShape& shape, const float* weights);
std::unique_ptr<Conv> winograd4(const ConvShape& shape, const float* weights);
std::unique_ptr<Conv> production_conv(const ConvShape& shape, const float* weights);

}  // namespace teff::lab

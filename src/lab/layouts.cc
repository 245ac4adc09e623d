#include "layouts.h"

#include <algorithm>

namespace teff::lab {
namespace {

// 1 x 1, a sum over the channels of one pixel. NHWC: they are a sequence.
void pointwise_nhwc(const Image& image, const float* x, const float* weights, float* y) {
  for (int64_t pixel = 0; pixel < image.pixels(); ++pixel)
    for (int64_t o = 0; o < image.channels; ++o) {
      float sum = 0;
      for (int64_t c = 0; c < image.channels; ++c)
        sum += x[pixel * image.channels + c] * weights[o * image.channels + c];
      y[pixel * image.channels + o] = sum;
    }
}

// The same loops over NCHW: each channel of a pixel is a whole plane away.
void pointwise_nchw(const Image& image, const float* x, const float* weights, float* y) {
  for (int64_t pixel = 0; pixel < image.pixels(); ++pixel)
    for (int64_t o = 0; o < image.channels; ++o) {
      float sum = 0;
      for (int64_t c = 0; c < image.channels; ++c)
        sum += x[c * image.pixels() + pixel] * weights[o * image.channels + c];
      y[o * image.pixels() + pixel] = sum;
    }
}

// Other loops over NCHW: along planes, many pixels for one weight. What was bad was the order for this
// layout.
void pointwise_nchw_planes(const Image& image, const float* x, const float* weights, float* y) {
  std::fill_n(y, image.numbers(), 0.0f);
  for (int64_t o = 0; o < image.channels; ++o)
    for (int64_t c = 0; c < image.channels; ++c) {
      const float weight = weights[o * image.channels + c];
      const float* from = x + c * image.pixels();
      float* to = y + o * image.pixels();
      for (int64_t pixel = 0; pixel < image.pixels(); ++pixel) to[pixel] += weight * from[pixel];
    }
}

// One number of a depthwise convolution; a step to the right is `right` floats, one down `down`.
inline float window(const Image& image, const float* plane, const float* weights, int64_t row, int64_t column,
                    int64_t down, int64_t right) {
  float sum = 0;
  for (int64_t v = std::max<int64_t>(0, 1 - row); v < std::min<int64_t>(3, image.height + 1 - row); ++v)
    for (int64_t u = std::max<int64_t>(0, 1 - column); u < std::min<int64_t>(3, image.width + 1 - column);
         ++u)
      sum += plane[(row + v - 1) * down + (column + u - 1) * right] * weights[v * 3 + u];
  return sum;
}

void depthwise_plane(const Image& image, const float* x, const float* weights, float* y) {
  for (int64_t row = 0; row < image.height; ++row)
    for (int64_t column = 0; column < image.width; ++column)
      y[row * image.width + column] = window(image, x, weights, row, column, image.width, 1);
}

// 3 x 3 of each channel by itself. NCHW: a plane is a small image, in sequence, and stays in the first cache.
void depthwise_nchw(const Image& image, const float* x, const float* weights, float* y) {
  for (int64_t c = 0; c < image.channels; ++c)
    depthwise_plane(image, x + c * image.pixels(), weights + 9 * c, y + c * image.pixels());
}

// The same loops over NHWC: neighbours in a plane are all channels apart, and of each cache line one number
// is used.
void depthwise_nhwc(const Image& image, const float* x, const float* weights, float* y) {
  for (int64_t c = 0; c < image.channels; ++c)
    for (int64_t row = 0; row < image.height; ++row)
      for (int64_t column = 0; column < image.width; ++column)
        y[(row * image.width + column) * image.channels + c] =
            window(image, x + c, weights + 9 * c, row, column, image.width * image.channels, image.channels);
}

// Other loops over NHWC: channels innermost, which are a sequence.
void depthwise_nhwc_channels(const Image& image, const float* x, const float* weights, float* y) {
  for (int64_t row = 0; row < image.height; ++row)
    for (int64_t column = 0; column < image.width; ++column, y += image.channels) {
      std::fill_n(y, image.channels, 0.0f);
      for (int64_t v = std::max<int64_t>(0, 1 - row); v < std::min<int64_t>(3, image.height + 1 - row); ++v)
        for (int64_t u = std::max<int64_t>(0, 1 - column); u < std::min<int64_t>(3, image.width + 1 - column);
             ++u) {
          const float* from = x + ((row + v - 1) * image.width + column + u - 1) * image.channels;
          for (int64_t c = 0; c < image.channels; ++c) y[c] += from[c] * weights[9 * c + v * 3 + u];
        }
    }
}

constexpr LayoutStep kSteps[] = {
    {"pointwise, NHWC", "a sum over the channels of a pixel", false, false, pointwise_nhwc},
    {"pointwise, NCHW", "the same loops", false, true, pointwise_nchw},
    {"pointwise, NCHW, by planes", "loops that suit the layout", false, true, pointwise_nchw_planes},
    {"depthwise, NCHW", "plane by plane", true, true, depthwise_nchw},
    {"depthwise, NHWC", "the same loops", true, false, depthwise_nhwc},
    {"depthwise, NHWC, by pixels", "loops that suit the layout", true, false, depthwise_nhwc_channels},
};

}  // namespace

std::span<const LayoutStep> layout_steps() { return kSteps; }

// A channel of the result needs one channel of x and no other. So it is written over the plane before, which
// is empty or has been used: everything moves up by one plane, and nothing is copied. (The lecture's figure
// writes into the spare plane and copies back, which comes to the same memory.)
void depthwise_in_place(const Image& image, float* memory, const float* weights) {
  for (int64_t c = 0; c < image.channels; ++c)
    depthwise_plane(image, memory + (c + 1) * image.pixels(), weights + 9 * c, memory + c * image.pixels());
}

}  // namespace teff::lab

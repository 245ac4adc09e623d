// Pictures: PNG and JPEG files, and what a model's input wants done to them. A picture is a uint8 Array of
// shape height x width x channels, 1 (grey) or 3 (red, green, blue).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "formats/array.h"

namespace teff {

inline constexpr int64_t kMaxPixels = int64_t{1} << 26;

// Reads a PNG or a JPEG, told apart by their first bytes. The samples are the file's own: no gamma, colour
// profile or EXIF rotation is applied, transparency is removed (the colour under it shows), of 16 bits the
// upper 8 are kept, and CMYK becomes RGB. Throws Error, naming no path, for other, damaged or incomplete
// files and for pictures of more than `max_pixels`; that and whether the file is large enough for what it
// claims is found out before memory is allocated.
Array read_image(const Bytes& file, int64_t max_pixels = kMaxPixels);

// The two formats by themselves.
Array read_png(const Bytes& file, int64_t max_pixels = kMaxPixels);
Array read_jpeg(const Bytes& file, int64_t max_pixels = kMaxPixels);

// A PNG of a picture that has at least one pixel.
std::vector<std::byte> png_bytes(const Array& picture);

// Bilinear, with half-pixel centres; where the picture shrinks, the triangle widens with the step, so that
// every source pixel counts. The bytes are those of Pillow's resize(..., BILINEAR). Throws Error for a size
// below 1 or above kMaxPixels pixels.
Array resize_image(const Array& picture, int64_t height, int64_t width);

// Grey becomes three equal channels; three channels become their luma (ITU-R 601, as in Pillow's "L").
Array to_channels(const Array& picture, int channels);

}  // namespace teff

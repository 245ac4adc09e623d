#include "core/error.h"
#include "formats/image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const teff::Array picture = teff::read_image(teff::Bytes::of(std::span(data, size)), 1 << 20);
    teff::resize_image(teff::to_channels(picture, 1), 7, 5);
  } catch (const teff::Error&) {
  }
  return 0;
}
